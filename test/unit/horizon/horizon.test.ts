import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { measureHorizon, type Horizon } from '../../../src/horizon/horizon.js';
import type { MtaRecord, QueueEntry } from '../../../src/mta/dialect.js';
import type { ProbeSample } from '../../../src/fault/probe-sample.js';
import type { Driver } from '../../../src/stack/driver.js';
import type { StackClocks, WatchListener } from '../../../src/stack/stack.js';
import { ToyVolume } from '../injector/toy-volume.js';
import { startSmtp, type Taken } from '../traffic/smtp-servers.js';
import { ToyStack } from '../traffic/toy-stack.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NEXT_HOP = { refused: false, unanswered: false };

interface Kept {
  readonly queueId: string;
  readonly sender: string;
  readonly recipient: string;
}

interface Habits {
  readonly lifetimeMs: number;
  readonly warnsAfterMs?: number;
  /** It tells nobody when it gives mail up. */
  readonly isSilent?: boolean;
  /** It delivers whatever the storage says. */
  readonly delivers?: boolean;
}

/** An MTA that can deliver nothing, and gives up what it has kept for its lifetime. */
class ToyMta {
  aheadMs = 0;
  readonly #habits: Habits;
  readonly #kept = new Map<string, Kept>();
  #ids = 0;
  #log: WatchListener<MtaRecord> | undefined;
  #listing: NodeJS.Timeout | undefined;

  constructor(habits: Habits) {
    this.#habits = habits;
  }

  readonly watchLog = (listener: WatchListener<MtaRecord>) => {
    this.#log = listener;
    return Promise.resolve({ stop: () => Promise.resolve() });
  };

  readonly watchQueue = (_: number, listener: WatchListener<readonly QueueEntry[]>) => {
    this.#listing = setInterval(() => {
      listener.next(
        [...this.#kept.values()].map(({ queueId, sender, recipient }) => ({
          queueId,
          queue: 'deferred',
          sender,
          recipients: [{ address: recipient, reason: 'no' }],
        })),
      );
    }, 5);
    return Promise.resolve({
      stop: () => {
        clearInterval(this.#listing);
        return Promise.resolve();
      },
    });
  };

  take({ from, to: [recipient = ''], raw }: Taken): void {
    const [, messageId = ''] = /^Message-ID: (\S+)/im.exec(raw.toString('latin1')) ?? [];
    const kept = this.#keep(from, recipient);
    this.#say({ kind: 'message', queueId: kept.queueId, messageId });
    if (recipient.startsWith('refused')) this.#giveUp(kept, 'bounced');
    else this.#try(kept);
  }

  readonly flushQueue = (): Promise<void> => {
    for (const kept of [...this.#kept.values()]) this.#try(kept);
    return Promise.resolve();
  };

  #keep(sender: string, recipient: string): Kept {
    const kept = { queueId: `Q${String((this.#ids += 1))}`, sender, recipient };
    this.#kept.set(kept.queueId, kept);
    return kept;
  }

  #try(kept: Kept): void {
    const { queueId } = kept;
    if (this.aheadMs >= this.#habits.lifetimeMs - HOUR_MS / 2) {
      this.#giveUp(kept, 'expired');
      return;
    }
    this.#delivery(kept, this.#habits.delivers === true ? 'sent' : 'deferred');
    if (this.aheadMs >= (this.#habits.warnsAfterMs ?? Infinity))
      this.#say({ kind: 'notice', queueId, about: 'delay', noticeId: 'W' });
  }

  #giveUp(kept: Kept, status: 'bounced' | 'expired'): void {
    const { queueId, sender } = kept;
    this.#delivery(kept, status);
    // Nobody is told of a notice that cannot be delivered (RFC 5321 section 4.5.5).
    if (sender !== '' && this.#habits.isSilent !== true) {
      const notice = this.#keep('', sender);
      this.#say({ kind: 'notice', queueId, about: 'failure', noticeId: notice.queueId });
      this.#try(notice);
    }
    this.#kept.delete(queueId);
    this.#say({ kind: 'removed', queueId });
  }

  #delivery({ queueId, recipient }: Kept, status: 'sent' | 'deferred' | 'bounced' | 'expired'): void {
    const what = { enhanced: '4.2.0', reply: 'no', nextHop: NEXT_HOP };
    this.#say({ kind: 'delivery', queueId, recipient, status, ...what });
  }

  #say(entry: MtaRecord): void {
    this.#log?.next(entry);
  }
}

const anyUser: SMTPServerOptions = {
  onAuth: ({ username }, _, done) => {
    done(null, { user: username ?? '' });
  },
};

interface Bed {
  readonly habits: Habits;
  readonly fault?: string;
  readonly maxMs?: number;
  readonly hasClocks?: boolean;
  /** What the probe says all the time. */
  readonly sample?: Pick<ProbeSample, 'outcome' | 'errno'>;
}

async function measure(bed: Bed): Promise<{ readonly horizon: Horizon; readonly said: readonly string[] }> {
  const { habits, fault = 'vendor-os-bug', maxMs = 3 * DAY_MS, hasClocks = true } = bed;
  const { sample = { outcome: 'error', errno: 'EIO' } } = bed;
  const said: string[] = [];
  const mta = new ToyMta(habits);
  await using server = await startSmtp(anyUser, (taken) => {
    mta.take(taken);
    return undefined;
  });
  await using volume = new ToyVolume();
  const clocks: StackClocks = {
    advance: (totalMs) => {
      mta.aheadMs = totalMs;
      return Promise.resolve();
    },
    read: () => Promise.resolve([{ service: 'mta', epochMs: Date.now() + mta.aheadMs }]),
  };
  const driver: Driver = {
    name: 'docker',
    stackName: 'toy',
    stackTitle: 'a stack of a test',
    lack: () => null,
    async start({ plan, onTeardown }) {
      const toy = await ToyStack.start(plan, {
        mx: server.address,
        submission: server.address,
        volumes: [volume],
      });
      onTeardown('the toy stack', 5_000, () => toy[Symbol.asyncDispose]());
      const upstream = await volume.openHead({ kind: 'healthy' });
      const link = { name: volume.proxy, listen: '127.0.0.1:0', upstream };
      await toy.running.toxiproxy.createProxy(link);
      return {
        ...toy.running,
        clocks: hasClocks ? clocks : null,
        mta: {
          service: 'mta',
          watchLog: mta.watchLog,
          watchQueue: mta.watchQueue,
          flushQueue: mta.flushQueue,
          queueLifetimes: () =>
            Promise.resolve({ mailMs: habits.lifetimeMs, bouncesMs: habits.lifetimeMs, warningMs: 0 }),
        },
        watchProbe: (name, { next }) => {
          const timer = setInterval(() => {
            next({ service: 'store', volume: name, operation: 'write', ms: 1, ...sample });
          }, 5);
          return Promise.resolve({
            stop: () => {
              clearInterval(timer);
              return Promise.resolve();
            },
          });
        },
      };
    },
  };
  const horizon = await measureHorizon({
    driver,
    fault,
    stepMs: 6 * HOUR_MS,
    maxMs,
    seed: 1,
    toxiproxy: undefined,
    signal: new AbortController().signal,
    progress: (line) => said.push(line),
  });
  return { horizon, said };
}

const around = (ms: number) => ({ survivedMs: ms - 6 * HOUR_MS, byMs: ms });

// Two of them wait for twenty seconds in vain.
describe.concurrent('the horizon', () => {
  it('is where mail of each stream is given up, between the step before and that one', async () => {
    const { horizon } = await measure({ habits: { lifetimeMs: DAY_MS } });
    expect(horizon).toMatchObject({
      stack: 'toy',
      fault: 'vendor-os-bug',
      configured: { service: 'mta', mailMs: DAY_MS },
      streams: {
        inbound: { firstBounce: around(DAY_MS), firstLoss: null },
        outbound: { firstBounce: around(DAY_MS), firstLoss: null },
        bounces: { firstBounce: around(DAY_MS), firstLoss: around(DAY_MS) },
      },
    });
    // Nothing is looked at behind the end.
    expect(horizon.reachedMs).toBe(DAY_MS);
  });

  it('tells when senders heard of the delay, and what is lost without a word', async () => {
    const habits = { lifetimeMs: DAY_MS, warnsAfterMs: 4 * HOUR_MS };
    const { horizon } = await measure({ habits });
    expect(horizon.streams.inbound.firstWarning).toEqual(around(6 * HOUR_MS));
  });

  it('is open where nothing was given up in the time that was looked at', async () => {
    const { horizon, said } = await measure({ habits: { lifetimeMs: 9 * DAY_MS }, maxMs: DAY_MS });
    expect(horizon.reachedMs).toBe(DAY_MS);
    for (const stream of Object.values(horizon.streams))
      expect(stream).toEqual({ firstWarning: null, firstBounce: null, firstLoss: null });
    expect(said.at(-1)).toContain('inbound waiting');
  });

  it.each<[string, Bed, RegExp]>([
    ['mail does not wait', { habits: { lifetimeMs: DAY_MS, delivers: true } }, /delivered in spite of/],
    [
      'nobody is told of what bounces at once',
      { habits: { lifetimeMs: DAY_MS, isSilent: true } },
      /bounces 0/,
    ],
    ['the clocks cannot be moved', { habits: { lifetimeMs: DAY_MS }, hasClocks: false }, /clocks of toy/],
    ['there is no such fault', { habits: { lifetimeMs: DAY_MS }, fault: 'gremlin' }, /unknown fault/],
  ])('is not measured where %s', { timeout: 40_000 }, async (_, bed, reason) => {
    await expect(measure(bed)).rejects.toThrow(reason);
  });

  it('is not measured where the storage probe does not feel the fault', { timeout: 40_000 }, async () => {
    const sample = { outcome: 'ok', errno: null } as const;
    await expect(measure({ habits: { lifetimeMs: DAY_MS }, sample })).rejects.toThrow(/was not felt/);
  });
});
