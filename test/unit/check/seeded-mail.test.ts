import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { judge } from '../../../src/check/judge.js';
import { partsOfId } from '../../../src/scenario/message-id.js';
import { plannedMessage } from '../../../src/scenario/schedule.js';
import { goodHistory, TYPICAL } from '../../support/good-history.js';

const anything = z.looseObject({});
const SIZE = { minBytes: 2_048, maxBytes: 65_536 };
const MAILBOXES = [{ address: 'u1@libero.test', volume: 'gold' }];
const PLAN = { scenario: { traffic: { inbound: { size: SIZE } } }, mailboxes: MAILBOXES };

/** What sound-history says of a good run whose inbound mail comes from the correspondents that this seed chooses. */
async function doubt(seed: number, { size = SIZE, from = 0 }: { size?: object; from?: number } = {}) {
  const senders = new Map<string, string>();
  const history = goodHistory(TYPICAL).map((event) => {
    if (event.type === 'run.started') {
      const scenario = { ...anything.parse(event.scenario), traffic: { inbound: { rate: 1, size } } };
      return { ...event, scenario };
    }
    if (event.type !== 'message.created' || event.kind !== 'inbound') return event;
    const index = Number(/\d+$/.exec(event.id)?.[0]);
    if (index < from) return event;
    const sender = plannedMessage(PLAN, partsOfId(event.id)?.run ?? '', seed, 'inbound', index).from;
    senders.set(event.id, sender);
    return { ...event, from: sender };
  });
  const seeds = history.flatMap((event) => (event.type === 'run.started' ? [event.seed] : []));
  const { checks } = await judge(history);
  const reason = checks.find(({ name }) => name === 'sound-history')?.reason ?? null;
  return { reason, seed: seeds[0] ?? NaN, senders };
}

describe('inbound mail', () => {
  it('is the mail of the seed', async () => {
    const { seed, senders } = await doubt(0);
    expect(senders.size).toBeGreaterThan(20);
    expect((await doubt(seed)).reason).toBeNull();
  });

  it('of another seed is told by its first message that differs', async () => {
    const { seed } = await doubt(0);
    const { reason, senders } = await doubt(seed + 1);
    const [first = ''] = [...senders].flatMap(([id, from]) => {
      const index = Number(/\d+$/.exec(id)?.[0]);
      const planned = plannedMessage(PLAN, partsOfId(id)?.run ?? '', seed, 'inbound', index).from;
      return planned === from
        ? []
        : [
            `${id} came from ${from}, and the seed ${String(seed)} gives ${planned}: another seed, or other mail`,
          ];
    });
    expect(first).not.toBe('');
    expect(reason).toContain(first);
  });

  it('of other senders is not looked at, nor where the scenario does not say how large mail is', async () => {
    const { seed } = await doubt(0);
    expect((await doubt(seed + 1, { from: Infinity })).reason).toBeNull();
    expect((await doubt(seed + 1, { size: {} })).reason).toBeNull();
  });
});
