import { describe, expect, it } from 'vitest';
import { Travelling, type Travellers } from '../../../src/run/travelling.js';
import { planOf } from '../../support/scenario.js';

const HOUR_MS = 3_600_000;
const { traffic } = planOf({ traffic: { inbound: { at: 'each 12h', messages: 3 } } }).scenario;

function travelling(changes: Partial<Travellers> = {}) {
  const told: string[] = [];
  const controller = new AbortController();
  const tell = (what: string) => (): Promise<void> => {
    told.push(what);
    return Promise.resolve();
  };
  const held = (who: string) => ({
    hold: tell(`hold ${who}`),
    release: () => void told.push(`release ${who}`),
  });
  const clock = {
    aheadMs: 0,
    jump: (byMs: number): Promise<void> => {
      clock.aheadMs += byMs;
      return tell(`jump ${String(byMs / HOUR_MS)} h`)();
    },
  };
  const who: Travellers = {
    senders: {
      ...held('senders'),
      burst: (stream) => tell(`burst ${stream}`)(),
      idle: tell('idle'),
    },
    readers: held('readers'),
    mailboxes: held('mailboxes'),
    queues: { ids: new Set<string>(), run: tell('queue run') },
    tracker: { missing: () => 0 },
    ...changes,
  };
  return { travel: new Travelling(clock, who, traffic, controller.signal), told, clock, controller };
}

describe('an advance', () => {
  it('goes from burst to burst, each at its own time, and adds up', async () => {
    const { travel, told, clock } = travelling();
    await travel.advance(30 * HOUR_MS);
    const jumps = told.filter((what) => /^(?:jump|burst)/.test(what));
    expect(jumps).toEqual(['jump 12 h', 'burst inbound', 'jump 12 h', 'burst inbound', 'jump 6 h']);
    expect(clock.aheadMs).toBe(30 * HOUR_MS);
  });

  it('jumps while nobody talks to the stack, and has the queue tried behind each jump', async () => {
    const { travel, told } = travelling();
    await travel.advance(HOUR_MS);
    const jump = told.indexOf('jump 1 h');
    expect(told.slice(jump - 3, jump).toSorted()).toEqual(['hold mailboxes', 'hold readers', 'hold senders']);
    expect(told.slice(jump + 1)).toEqual([
      'release senders',
      'release readers',
      'release mailboxes',
      'idle',
      'queue run',
    ]);
  });

  it('lets all be delivered that can be, before it jumps', async () => {
    const queue = new Set(['one', 'two']);
    const { travel, told } = travelling({
      queues: {
        ids: queue,
        run: () => {
          for (const id of queue) {
            queue.delete(id);
            break;
          }
          told.push(`run, ${String(queue.size)} left`);
          return Promise.resolve();
        },
      },
    });
    await travel.advance(HOUR_MS);
    const beforeJump = told.slice(0, told.indexOf('jump 1 h')).filter((what) => what.startsWith('run'));
    expect(beforeJump.at(-1)).toBe('run, 0 left');
  });

  it('ends where the run is over, and lets go of everyone', async () => {
    const { travel, told, controller, clock } = travelling({
      readers: {
        hold: () => {
          controller.abort();
          return Promise.resolve();
        },
        release: () => void told.push('release readers'),
      },
    });
    await travel.advance(48 * HOUR_MS);
    expect(clock.aheadMs).toBe(0);
    expect(told).toContain('release readers');
  });
});
