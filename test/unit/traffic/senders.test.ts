import { describe, expect, it } from 'vitest';
import type { ScenarioInput } from '../../../src/scenario/scenario.js';
import { digestMessage } from '../../../src/traffic/digest.js';
import { Senders } from '../../../src/traffic/senders.js';
import { planOf } from '../../support/scenario.js';
import { eventually } from '../../support/waiting.js';
import { refusal, startScripted, startSmtp, type Taken } from './smtp-servers.js';
import { Recorded, ToyStack } from './toy-stack.js';

const DOMAINS: ScenarioInput['domains'] = [{ name: 'libero.test', mailboxes: 2, volumes: ['gold'] }];

/** Correspondents and subscribers of two mailboxes, at the servers that a test gives them. */
async function withSenders(
  traffic: ScenarioInput['traffic'],
  servers: Parameters<typeof ToyStack.start>[1],
  use: (senders: Senders, recorded: Recorded) => Promise<void>,
): Promise<void> {
  const plan = planOf({ domains: DOMAINS, traffic });
  await using stack = await ToyStack.start(plan, servers);
  const recorded = new Recorded();
  const senders = new Senders(stack.context(plan, recorded));
  try {
    await use(senders, recorded);
  } finally {
    await senders.giveUp();
  }
}

describe('correspondents with MTAs of their own', () => {
  it('hand each their mail to the same one, and what tests the stack to the stack', async () => {
    const takenBy: Record<'mx' | 'one' | 'two', Taken[]> = { mx: [], one: [], two: [] };
    const keep = (by: keyof typeof takenBy) => (message: Taken) => {
      takenBy[by].push(message);
      return undefined;
    };
    await using mx = await startSmtp({}, keep('mx'));
    await using one = await startSmtp({}, keep('one'));
    await using two = await startSmtp({}, keep('two'));
    const plan = planOf({ domains: DOMAINS, traffic: { inbound: { at: 'each 6h', messages: 20 } } });
    await using stack = await ToyStack.start(plan, { mx: mx.address });
    const outsideMtas = [one, two].map(({ address }) => ({ ...stack.running.mta, endpoint: address }));
    const context = stack.context(plan, new Recorded());
    const senders = new Senders({ ...context, stack: { ...stack.running, outsideMtas } });
    await senders.burst('inbound');
    senders.canary();
    await eventually(
      () => senders.unaccepted === 0,
      () => senders.unaccepted,
    );
    await senders.giveUp();
    const correspondents = (taken: readonly Taken[]) => new Set(taken.map(({ from }) => from.split('+')[0]));
    expect(takenBy.one.length + takenBy.two.length).toBe(20);
    expect([...correspondents(takenBy.one)].filter((who) => correspondents(takenBy.two).has(who))).toEqual(
      [],
    );
    expect(takenBy.mx.map(({ to }) => to)).toEqual([['nobody-0@libero.test']]);
  });
});

describe('a sender', () => {
  it('creates each message before its first attempt, and sends what it created', async () => {
    const taken: Taken[] = [];
    await using mx = await startSmtp({}, (message) => {
      taken.push(message);
      return undefined;
    });
    await withSenders({ inbound: { rate: '100/s' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.start();
      await eventually(
        () => recorded.of('attempt.ended').length >= 10,
        () => recorded.of('attempt.ended'),
      );
      await senders.stop();
      await eventually(
        () => senders.unaccepted === 0,
        () => senders.unaccepted,
      );
      const created = recorded.of('message.created');
      expect(new Set(created.map(({ id }) => id)).size).toBe(created.length);
      expect(taken).toHaveLength(created.length);
      for (const { id, from, to, bytes, bodySha256, headersSha256 } of created) {
        const types = recorded.events.flatMap((event) =>
          'id' in event && event.id === id ? [event.type] : [],
        );
        expect(types).toEqual(['message.created', 'attempt.started', 'attempt.ended']);
        const copy = taken.find(({ raw }) => digestMessage(raw).id === id);
        expect(copy).toMatchObject({ from, to: [to] });
        expect(digestMessage(copy?.raw ?? Buffer.alloc(0))).toEqual({ id, bytes, bodySha256, headersSha256 });
      }
    });
  });

  it('tries again after a 4xx, with the next attempt number, until the message is taken', async () => {
    let refused = 0;
    await using mx = await startSmtp({}, () => {
      refused += 1;
      return refused === 1 ? refusal(451, '4.3.0 not now') : undefined;
    });
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.canary();
      await eventually(
        () => recorded.of('attempt.ended').length === 2,
        () => recorded.of('attempt.ended'),
      );
      expect(recorded.of('attempt.ended').map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
        [1, 'deferred'],
        [2, 'accepted'],
      ]);
      expect(recorded.of('message.created')).toHaveLength(1);
      expect(recorded.of('message.abandoned')).toEqual([]);
    });
  });

  it.each([
    ['an ambiguous end', { dot: 'close' } as const, 'ambiguous'],
    ['a connection that breaks', { MAIL: 'close' } as const, 'unsent'],
  ])('tries again after %s (RFC 5321 section 4.5.4.1)', async (_, script, outcome) => {
    await using mx = await startScripted(script);
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.canary();
      await eventually(
        () => recorded.of('attempt.ended').length === 2,
        () => recorded.of('attempt.ended'),
      );
      expect(recorded.of('attempt.ended').map((attempt) => attempt.outcome)).toEqual([outcome, outcome]);
      expect(senders.unaccepted).toBe(1);
    });
  });

  it('gives up after a 5xx', async () => {
    await using mx = await startSmtp({
      onRcptTo(_, __, done) {
        done(refusal(550, '5.1.1 nobody'));
      },
    });
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.canary();
      await eventually(
        () => recorded.of('message.abandoned').length === 1,
        () => recorded.of('message.abandoned'),
      );
      expect(recorded.of('attempt.ended')).toHaveLength(1);
      expect(recorded.of('attempt.ended')[0]).toMatchObject({ outcome: 'rejected', code: 550, at: 'rcpt' });
      expect(senders.unaccepted).toBe(0);
    });
  });

  it('gives up what is still being retried when the run ends, and says so', async () => {
    await using mx = await startSmtp({}, () => refusal(451, '4.3.0 not now'));
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.canary();
      await eventually(
        () => recorded.of('attempt.ended').length === 1,
        () => recorded.of('attempt.ended'),
      );
      await senders.giveUp();
      expect(recorded.of('message.abandoned')).toMatchObject([
        { reason: 'the run ended before anyone took it' },
      ]);
      expect(senders.unaccepted).toBe(0);
    });
  });

  it('stops also when nobody has taken anything and there is no place for more', async () => {
    await using mx = await startSmtp({
      onMailFrom(_, __, done) {
        done(refusal(451, '4.3.0 not now'));
      },
    });
    await withSenders({ inbound: { rate: '2000/s' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.start();
      await eventually(
        () => new Set(recorded.of('attempt.ended').map(({ id }) => id)).size >= 50,
        () => recorded.of('attempt.ended'),
      );
      await senders.stop();
      const created = recorded.of('message.created').length;
      await senders.giveUp();
      expect(recorded.of('message.created')).toHaveLength(created);
      expect(recorded.of('message.abandoned')).toHaveLength(created);
    });
  });
});

describe('who sends where', () => {
  it('correspondents go to the MX without a password, subscribers to the submission with their own', async () => {
    const atMx: Taken[] = [];
    const submitted: Taken[] = [];
    await using mx = await startSmtp({}, (message) => {
      atMx.push(message);
      return undefined;
    });
    await using submission = await startSmtp(
      {
        authOptional: false,
        onAuth({ username, password }, _, done) {
          if (password === `secret of ${username ?? ''}`) done(null, { user: username ?? '' });
          else done(refusal(535, '5.7.8 wrong'));
        },
      },
      (message) => {
        submitted.push(message);
        return undefined;
      },
    );
    await withSenders(
      { inbound: { rate: '50/s' }, outbound: { rate: '50/s' }, internal: { rate: '50/s' } },
      { mx: mx.address, submission: submission.address },
      async (senders, recorded) => {
        senders.start();
        await eventually(
          () => atMx.length >= 4 && submitted.length >= 8,
          () => [atMx.length, submitted.length],
        );
        await senders.stop();
        await eventually(
          () => senders.unaccepted === 0,
          () => senders.unaccepted,
        );
        expect(recorded.of('attempt.ended').every(({ outcome }) => outcome === 'accepted')).toBe(true);
        const kinds = new Set(recorded.of('message.created').map(({ kind }) => kind));
        expect([...kinds].sort()).toEqual(['inbound', 'internal', 'outbound']);
      },
    );
    expect(atMx.every(({ from, user }) => from.endsWith('@outside.test') && user === undefined)).toBe(true);
    expect(submitted.every(({ from, user }) => from === user && from.endsWith('@libero.test'))).toBe(true);
  });

  it('the first mail goes to every mailbox, and is waited for', async () => {
    const taken: Taken[] = [];
    await using mx = await startSmtp({}, (message) => {
      taken.push(message);
      return undefined;
    });
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders) => {
      const { ids, answers, settled } = senders.seed(3);
      await settled;
      expect(ids).toHaveLength(6);
      expect(ids.map((id) => answers.get(id)?.outcome)).toEqual(Array(6).fill('accepted'));
      const to = taken.map((message) => message.to[0]).sort();
      expect(to).toEqual([
        ...Array<string>(3).fill('u1@libero.test'),
        ...Array<string>(3).fill('u2@libero.test'),
      ]);
    });
  });

  it('no canary has a mailbox', async () => {
    await using mx = await startSmtp();
    await withSenders({ inbound: { rate: '1/h' } }, { mx: mx.address }, async (senders, recorded) => {
      senders.canary();
      senders.canary();
      await eventually(
        () => recorded.of('attempt.ended').length === 2,
        () => recorded.of('attempt.ended'),
      );
      const recipients = recorded.of('message.created').map(({ to, kind }) => `${kind} ${to}`);
      expect(recipients).toEqual(['canary nobody-0@libero.test', 'canary nobody-1@libero.test']);
    });
  });
});
