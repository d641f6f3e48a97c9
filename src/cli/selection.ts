import { InvalidArgumentError } from '@commander-js/extra-typings';
import { NobounceError } from '../errors/errors.js';
import type { LoadedScenario } from '../scenario/load.js';

/** The `index`-th (from 1) of `of` parts. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Reads `2/3`. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (index === undefined || of === undefined || Number(index) > Number(of))
    throw new InvalidArgumentError('expected a part and the number of parts, such as 1/3.');
  return { index: Number(index), of: Number(of) };
}

/**
 * Which scenarios to run, in order: those with the tag, each so many times in a row, and of all these the
 * shard's share. Shards take turns, so that each gets its part of a list that is sorted by length.
 * @throws NobounceError (`usage`) when no scenario is left before sharding: nothing run would be no pass.
 */
export function selectDrills(
  loaded: readonly LoadedScenario[],
  {
    tag,
    repeat,
    shard,
  }: { readonly tag?: string | undefined; readonly repeat: number; readonly shard?: Shard | undefined },
): readonly LoadedScenario[] {
  const tagged = tag === undefined ? loaded : loaded.filter(({ scenario }) => scenario.tags.includes(tag));
  if (tagged.length === 0) {
    throw tag === undefined
      ? new NobounceError('usage', 'no scenario is named', { advice: '`nobounce list` shows them all' })
      : new NobounceError('usage', `no scenario has the tag ${JSON.stringify(tag)}`, {
          advice: `there are ${[...new Set(loaded.flatMap(({ scenario }) => scenario.tags))].sort().join(', ') || 'no tags'}`,
        });
  }
  const all = tagged.flatMap((scenario) => Array.from({ length: repeat }, () => scenario));
  return shard === undefined ? all : all.filter((_, position) => position % shard.of === shard.index - 1);
}
