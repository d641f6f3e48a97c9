import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryMessage, plannedMessage, STREAMS } from '../../../src/scenario/schedule.js';
import { planOf } from '../../support/scenario.js';

const plan = planOf({
  traffic: {
    inbound: { rate: '5/s', size: '2 KiB..64 KiB' },
    outbound: { rate: '1/s', size: '4 KiB' },
    internal: { rate: '1/s' },
  },
});
const addresses = plan.mailboxes.map(({ address }) => address);
const stream = fc.constantFrom(...STREAMS);
const seed = fc.nat(999_999_999);
const index = fc.nat(100_000);

describe('planned mail', () => {
  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(seed, stream, index, (of, kind, at) => {
        expect(plannedMessage(plan, 'run1', of, kind, at)).toEqual(
          plannedMessage(plan, 'run1', of, kind, at),
        );
      }),
    );
  });

  it('is the mail that this seed has always given, so that a run can be done again by a newer nobounce', () => {
    const mail = [0, 1, 70_000].flatMap((at) => [
      ...STREAMS.map((kind) => plannedMessage(plan, 'run1', 42, kind, at)),
      canaryMessage(plan, 'run1', 42, at),
    ]);
    expect(mail).toMatchSnapshot();
  });

  it('is the same in another run of the seed, but for the id', () => {
    fc.assert(
      fc.property(seed, stream, index, (of, kind, at) => {
        const [one, two] = ['run1', 'run2'].map((run) => plannedMessage(plan, run, of, kind, at));
        expect(two?.contentSeed).toBe(one?.contentSeed);
        expect(two?.sizeBytes).toBe(one?.sizeBytes);
        expect(two?.id).not.toBe(one?.id);
      }),
    );
  });

  it('differs from seed to seed, from stream to stream and from one message to the next', () => {
    fc.assert(
      fc.property(seed, index, (of, at) => {
        const seeds = [
          plannedMessage(plan, 'r', of, 'inbound', at),
          plannedMessage(plan, 'r', of + 1, 'inbound', at),
          plannedMessage(plan, 'r', of, 'outbound', at),
          plannedMessage(plan, 'r', of, 'inbound', at + 1),
        ].map(({ contentSeed }) => contentSeed);
        expect(new Set(seeds).size).toBe(seeds.length);
      }),
    );
  });

  it('has ids of its own, canaries included', () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => [
      ...STREAMS.map((kind) => plannedMessage(plan, 'run1', 7, kind, at).id),
      canaryMessage(plan, 'run1', 7, at).id,
    ]).flat();
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is of the size that the scenario wants', () => {
    fc.assert(
      fc.property(seed, index, (of, at) => {
        const { sizeBytes } = plannedMessage(plan, 'r', of, 'inbound', at);
        expect(sizeBytes).toBeGreaterThanOrEqual(2_048);
        expect(sizeBytes).toBeLessThanOrEqual(65_536);
        expect(plannedMessage(plan, 'r', of, 'outbound', at).sizeBytes).toBe(4_096);
      }),
    );
  });

  it('gives every mailbox its turn', () => {
    fc.assert(
      fc.property(seed, index, (of, from) => {
        const turn = addresses.map((_, at) => plannedMessage(plan, 'r', of, 'inbound', from + at).to);
        expect([...turn].sort()).toEqual([...addresses].sort());
        const writers = addresses.map((_, at) => plannedMessage(plan, 'r', of, 'outbound', from + at).from);
        expect([...writers].sort()).toEqual([...addresses].sort());
      }),
    );
  });

  it('goes from outside in, from inside out, and from one subscriber to another', () => {
    fc.assert(
      fc.property(seed, index, (of, at) => {
        const [inbound, outbound, internal] = STREAMS.map((kind) => plannedMessage(plan, 'r', of, kind, at));
        expect(inbound?.from).toMatch(/@outside\.test$/);
        expect(addresses).toContain(inbound?.to);
        expect(addresses).toContain(outbound?.from);
        expect(outbound?.to).toMatch(/@outside\.test$/);
        expect(addresses).toContain(internal?.from);
        expect(addresses).toContain(internal?.to);
        expect(internal?.to).not.toBe(internal?.from);
      }),
    );
  });

  it('carries its id in an address of the outside, so that a bounce or a queue can be tied to it', () => {
    fc.assert(
      fc.property(seed, index, (of, at) => {
        const inbound = plannedMessage(plan, 'run1', of, 'inbound', at);
        expect(inbound.from).toContain(`+${inbound.id}@`);
        const outbound = plannedMessage(plan, 'run1', of, 'outbound', at);
        expect(outbound.to).toContain(`+${outbound.id}@`);
      }),
    );
  });

  it('goes to itself where there is one subscriber', () => {
    const alone = planOf({ domains: [{ name: 'a.test', mailboxes: 1, volumes: ['gold'] }] });
    expect(plannedMessage(alone, 'r', 1, 'internal', 3)).toMatchObject({
      from: 'u1@a.test',
      to: 'u1@a.test',
    });
  });

  it('has local parts that a mail server must take (RFC 5321 section 4.5.3.1.1)', () => {
    fc.assert(
      fc.property(seed, stream, fc.nat(9_999_999), (of, kind, at) => {
        const { from, to } = plannedMessage(plan, 'abc123', of, kind, at);
        for (const address of [from, to]) expect(address.split('@')[0]?.length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

describe('a canary', () => {
  it('is for nobody, in a domain of the stack', () => {
    fc.assert(
      fc.property(seed, index, (of, at) => {
        const { to, kind } = canaryMessage(plan, 'run1', of, at);
        expect(kind).toBe('canary');
        expect(addresses).not.toContain(to);
        expect(['libero.test', 'virgilio.test']).toContain(to.split('@')[1]);
      }),
    );
  });
});
