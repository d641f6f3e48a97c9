import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/scenario/plan.js';
import { prepareMailbox } from '../../../src/traffic/mailboxes.js';
import { inTurn, Readers } from '../../../src/traffic/readers.js';
import type { KnownMessage } from '../../../src/traffic/reading.js';
import { planOf } from '../../support/scenario.js';
import { eventually, pause } from '../../support/waiting.js';
import { ModelStore } from './model-store.js';
import { refusal, startSmtp } from './smtp-servers.js';
import { Recorded, ToyStack } from './toy-stack.js';

const MAIL =
  'X-Nobounce-Id: run1-i000001\r\nMessage-ID: <run1-i000001@nobounce.invalid>\r\nSubject: x\r\n\r\nHello\r\n';
const GOLD = 'u1@libero.test';
const SILVER = 'u1@virgilio.test';
const EVERY = { readers: { every: '20ms' }, inbound: { rate: '1/s' } } as const;
const PLAN = planOf({
  domains: [
    { name: 'libero.test', mailboxes: 1, volumes: ['gold'] },
    { name: 'virgilio.test', mailboxes: 1, volumes: ['silver'] },
  ],
  traffic: EVERY,
});

interface Reading {
  readonly readers: Readers;
  readonly recorded: Recorded;
  readonly store: ModelStore;
}

const account = ({ mailboxes }: Plan) =>
  mailboxes.map(({ address, volume }) => ({ address, volume, password: `secret of ${address}` }));

/** Readers of a model store in which each mailbox has one message, which is the one they look for. */
async function reading(
  use: (parts: Reading) => Promise<void>,
  change: (known: KnownMessage) => KnownMessage = (known) => known,
): Promise<void> {
  await using store = await ModelStore.start(account(PLAN));
  await using smtp = await startSmtp({
    onAuth: (_, __, done) => {
      done(refusal(535, '5.7.8 no'));
    },
  });
  await using stack = await ToyStack.start(PLAN, { imap: store.imap, submission: smtp.address });
  const recorded = new Recorded();
  const context = stack.context(PLAN, recorded);
  const known = new Map<string, KnownMessage>();
  for (const each of stack.running.accounts) {
    await store.deliver(each.address, MAIL);
    const first = await prepareMailbox(context, each);
    if (first !== undefined) known.set(each.address, change(first));
  }
  const readers = new Readers(context);
  readers.start(known);
  try {
    await use({ readers, recorded, store });
  } finally {
    await readers.abort();
  }
}

const visits = ({ recorded }: Reading, mailbox: string) =>
  recorded.of('reader.visited').filter((visit) => visit.mailbox === mailbox);

describe('inTurn', () => {
  it('visits each volume equally often, and each of its mailboxes in turn', () => {
    const accounts = ['a', 'b', 'c'].map((name) => ({ name, volume: 'gold' }));
    const turns = inTurn([...accounts, { name: 'd', volume: 'silver' }]);
    const first = Array.from({ length: 8 }, () => turns.next().value?.name);
    expect(first).toEqual(['a', 'd', 'b', 'd', 'c', 'd', 'a', 'd']);
  });

  it('ends at once where there is nobody', () => {
    expect(inTurn([]).next().done).toBe(true);
  });
});

describe('a reader’s visit', () => {
  it('is a login, a select and a fetch, and says that the known message is whole', () =>
    reading(async (parts) => {
      await parts.readers.visitedEach(2, 15_000, AbortSignal.timeout(20_000));
      for (const mailbox of [GOLD, SILVER]) {
        const [visit] = visits(parts, mailbox);
        expect(visit).toMatchObject({ exists: 1, known: 'intact' });
        expect(visit?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
          'login ok',
          'select ok',
          'fetch ok',
        ]);
      }
    }));

  it.each([
    ['changed', (known: KnownMessage) => ({ ...known, bodySha256: '0'.repeat(64) })],
    ['missing', (known: KnownMessage) => ({ ...known, uid: known.uid + 1_000 })],
  ] as const)('says that the known message is %s', (word, change) =>
    reading(async (parts) => {
      await eventually(
        () => visits(parts, GOLD).length > 0,
        () => parts.recorded.events,
      );
      expect(visits(parts, GOLD)[0]?.known).toBe(word);
    }, change),
  );

  it('to a volume that is gone fails where it fails, and readers of others go on', () =>
    reading(async (parts) => {
      await parts.readers.visitedEach(1, 15_000, AbortSignal.timeout(20_000));
      parts.store.unmount(GOLD);
      const before = visits(parts, SILVER).length;
      await eventually(
        () => visits(parts, GOLD).at(-1)?.steps.at(-1)?.step === 'select',
        () => visits(parts, GOLD).at(-1),
      );
      await eventually(
        () => visits(parts, SILVER).length > before + 2,
        () => visits(parts, SILVER).length,
      );
      // The first that failed may have been under way.
      const failed = visits(parts, GOLD).at(-1);
      expect(failed?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
        'login ok',
        'select no',
      ]);
      expect(failed?.known).toBeNull();
      expect(visits(parts, SILVER).every(({ steps }) => steps.every(({ outcome }) => outcome === 'ok'))).toBe(
        true,
      );
    }));

  it('is not begun while readers are held, and is again when they are let go', () =>
    reading(async (parts) => {
      await parts.readers.visitedEach(1, 15_000, AbortSignal.timeout(20_000));
      await parts.readers.hold(10_000, AbortSignal.timeout(20_000));
      const held = parts.recorded.of('reader.visited').length;
      await pause(300);
      expect(parts.recorded.of('reader.visited')).toHaveLength(held);
      parts.readers.release();
      await eventually(
        () => parts.recorded.of('reader.visited').length > held,
        () => held,
      );
    }));
});

describe('a wrong password', () => {
  it('is tried at both doors, and refused at both', () =>
    reading(async (parts) => {
      const tried = () => parts.recorded.of('login.tried');
      await eventually(
        () => new Set(tried().map(({ service }) => service)).size === 2,
        () => tried(),
      );
      for (const { credentials, outcome } of tried())
        expect({ credentials, outcome }).toEqual({ credentials: 'wrong', outcome: 'refused' });
    }));
});

describe('readers', () => {
  it('wait for every volume, and no longer than they are told to', async () => {
    await reading(async (parts) => {
      parts.store.cut();
      const startMs = performance.now();
      await parts.readers.visitedEach(1_000_000, 200, AbortSignal.timeout(20_000));
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(199);
      expect(performance.now() - startMs).toBeLessThan(5_000);
    });
  });

  it('leave no connection open when they are stopped', () =>
    reading(async (parts) => {
      await parts.readers.visitedEach(1, 15_000, AbortSignal.timeout(20_000));
      await parts.readers.abort();
      await eventually(
        () => parts.store.connections === 0,
        () => parts.store.connections,
      );
    }));
});
