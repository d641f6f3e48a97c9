import { FAULT_EXAMPLES } from '../../../src/fault/registry.js';
import { planScenario, type Plan } from '../../../src/scenario/plan.js';
import { scenarioSchema } from '../../../src/scenario/scenario.js';
import { randomOf } from '../../support/good-history.js';

/** Draws from one seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  between(from: number, to: number): number {
    return from + this.#random() * (to - from);
  }

  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  one<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  }

  some<T>(items: readonly T[], count: number): readonly T[] {
    return items
      .map((item) => ({ item, key: this.#random() }))
      .sort((a, b) => a.key - b.key)
      .slice(0, count)
      .map(({ item }) => item);
  }
}

const VOLUMES = ['gold', 'silver', 'bronze', 'iron', 'tin'];
/** `mx-closed` needs correspondents with queues of their own, which these runs have not. */
const FAULTS = FAULT_EXAMPLES.filter((example) => example['fault'] !== 'mx-closed');

/** A valid scenario: one or more volumes broken by one or more faults, one after the other or at once, with or without time travel. */
export function randomDrill(dice: Dice): Plan {
  for (let tries = 0; tries < 100; tries += 1) {
    const parsed = scenarioSchema.safeParse(draw(dice));
    if (!parsed.success) throw new Error(`not a scenario: ${parsed.error.message}`);
    const planning = planScenario(parsed.data);
    // Some pairs of faults cannot be on one volume at once.
    if (planning.ok) return planning.plan;
  }
  throw new Error('no scenario could be planned');
}

function draw(dice: Dice): object {
  const volumes = dice.some(VOLUMES, dice.whole(2, 4));
  const domains = Array.from({ length: dice.whole(1, 3) }, (_, index) => ({
    name: `d${String(index + 1)}.test`,
    mailboxes: dice.whole(volumes.length, volumes.length + 3),
    volumes,
  }));
  const travels = dice.chance(0.5);
  const isTold = dice.chance(0.5);
  return {
    name: 'random',
    title: 'A random drill',
    stack: dice.chance(0.5) ? 'postfix-dovecot' : './stacks/our-own',
    domains,
    traffic: {
      inbound: { rate: `${String(dice.whole(6, 12))}/s` },
      ...(dice.chance(0.8) ? { outbound: { rate: `${String(dice.whole(1, 3))}/s` } } : {}),
      ...(dice.chance(0.8) ? { internal: { rate: `${String(dice.whole(1, 3))}/s` } } : {}),
      readers: { every: '500ms' },
    },
    timeline: [
      { steady: `${String(dice.whole(8, 12))}s` },
      ...Array.from({ length: dice.whole(1, 3) }, () => episode(dice, volumes, travels)).flat(),
      { settle: '60s' },
    ],
    ...(isTold ? {} : { checks: { 'sender-told': { skip: 'this stack tells nobody of a delay' } } }),
  };
}

/** Something breaks and is mended. */
function episode(dice: Dice, volumes: readonly string[], travels: boolean): readonly object[] {
  const [one = '', other = ''] = dice.some(volumes, 2);
  const hold = () => ({ hold: `${String(dice.whole(6, 9))}s` });
  const wait = () =>
    travels && dice.chance(0.7)
      ? [hold(), { advance: `${String(60 * dice.whole(1, 11) + 7)}m` }, { hold: '2s' }]
      : [hold()];
  const inject = (volume: string | readonly string[]) => ({ inject: { ...dice.one(FAULTS), volume } });
  const rest = dice.chance(0.5) ? wait() : [];
  switch (dice.whole(1, 4)) {
    case 1:
      return [inject(one), ...wait(), { heal: 'all' }, ...rest];
    case 2: {
      const both = volumes.length > 2 ? [one, other] : [one];
      return [inject(both), ...wait(), { heal: 'all' }, ...rest];
    }
    case 3:
      return [
        inject(one),
        ...wait(),
        inject(other),
        ...wait(),
        { heal: { volume: dice.one([one, other]) } },
        hold(),
        { heal: 'all' },
        ...rest,
      ];
    default:
      return [inject(one), hold(), inject(one), ...wait(), { heal: 'all' }, ...rest];
  }
}
