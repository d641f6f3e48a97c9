import { describe, expect, it } from 'vitest';
import type { Answer, Command, Sender } from '../../../src/gameday/command.js';
import { Desk } from '../../../src/gameday/desk.js';
import type { AskedAct, UnreadAct } from '../../../src/run/acts.js';
import type { NewEvent } from '../../../src/history/event.js';
import { eventually } from '../../support/waiting.js';

const OPERATOR: Sender = { name: 'operator 1', via: 'page' };
const OTHER: Sender = { name: 'operator 2', via: 'page' };
const GO: Command = { do: 'go' };
const INJECT: Command = { do: 'inject', fault: { fault: 'stall', volume: 'gold' } };

/** A desk and a run that takes its acts: one at a time, each until it is cut or `finish` is called. */
function staged({ timeline, longestMs }: { timeline?: readonly UnreadAct[]; longestMs?: number } = {}) {
  const active: { fault: string; volume: string }[] = [];
  const wanting: string[] = [];
  const told: NewEvent[] = [];
  const taken: AskedAct[] = [];
  const desk = new Desk(() => ({ active, wanting }), {
    ...(timeline === undefined ? {} : { timeline }),
    ...(longestMs === undefined ? {} : { longestMs }),
  });
  let finish = (): void => undefined;
  let isOver = false;
  const run = async (): Promise<void> => {
    for await (const asked of desk) {
      taken.push(asked);
      if ('inject' in asked.act) active.push({ fault: 'stall', volume: 'gold' });
      if ('heal' in asked.act) active.length = 0;
      const isWaiting = 'hold' in asked.act || 'steady' in asked.act;
      if (!isWaiting) continue;
      await new Promise<void>((resolve) => {
        finish = resolve;
        asked.cut?.addEventListener('abort', () => {
          resolve();
        });
      });
    }
    isOver = true;
  };
  const running = run();
  desk.open({
    tell: (event) => {
      told.push(event);
    },
  });
  const acts = (): readonly unknown[] => taken.map(({ act }) => act);
  return {
    desk,
    active,
    wanting,
    told,
    taken,
    acts,
    running,
    finish: () => {
      finish();
    },
    isOver: () => isOver,
  };
}

const ok: Answer = { ok: true };

describe('the desk', () => {
  it('lets nothing be broken before the word of go', async () => {
    const { desk, acts } = staged();
    expect(await desk.take(INJECT, OPERATOR)).toEqual({ ok: false, reasons: ['nobody has said go yet'] });
    expect(await desk.take(GO, OPERATOR)).toEqual(ok);
    expect(await desk.take(INJECT, OPERATOR)).toEqual(ok);
    expect(acts()).toEqual([{ inject: { fault: 'stall', volume: 'gold' } }]);
    desk.close();
  });

  it('wants a reason to go against a preflight that is not green, and writes it down', async () => {
    const { desk, wanting, told } = staged();
    wanting.push('not yet: storage is well');
    expect(await desk.take(GO, OPERATOR)).toMatchObject({
      ok: false,
      reasons: ['not yet: storage is well', expect.stringContaining('give a reason')],
    });
    expect(desk.isGo).toBe(false);
    expect(await desk.take({ do: 'go', reason: 'known' }, OPERATOR)).toEqual(ok);
    expect(told).toEqual([
      { type: 'operator.acted', act: 'go', by: 'operator 1', via: 'page', reason: 'known' },
    ]);
  });

  it('heals before whatever waits, and cuts short what is waiting', async () => {
    const { desk, active, acts, taken } = staged({ timeline: [{ hold: '10m' }, { hold: '20m' }] });
    await desk.take(GO, OPERATOR);
    await eventually(() => taken.length === 1, acts);
    active.push({ fault: 'stall', volume: 'gold' });
    expect(await desk.take({ do: 'heal' }, OTHER)).toEqual(ok);
    expect(taken[0]?.cut?.aborted).toBe(true);
    expect(acts().slice(0, 2)).toEqual([{ hold: '10m' }, { heal: 'all' }]);
    desk.close();
  });

  it('aborts: nothing else of what was asked for is done, and nothing more before another go', async () => {
    const { desk, active, acts, taken, told } = staged({ timeline: [{ hold: '10m' }, { hold: '20m' }] });
    await desk.take(GO, OPERATOR);
    await eventually(() => taken.length === 1, acts);
    active.push({ fault: 'stall', volume: 'gold' });
    const late = desk.take(INJECT, OPERATOR);
    expect(await desk.take({ do: 'abort', reason: 'pager' }, OTHER)).toEqual(ok);
    expect(await late).toEqual({ ok: false, reasons: ['the day was aborted'] });
    expect(acts()).toEqual([{ hold: '10m' }, { heal: 'all' }]);
    expect(desk.isAborting).toBe(true);
    expect(told.at(-1)).toMatchObject({ act: 'abort', by: 'operator 2', reason: 'pager' });
    expect(await desk.take(INJECT, OPERATOR)).toMatchObject({ ok: false });
    desk.close();
  });

  it('says so where there is nothing to heal', async () => {
    const { desk } = staged();
    expect(await desk.take({ do: 'heal', volume: 'gold' }, OPERATOR)).toEqual({
      ok: false,
      reasons: ['nothing of that is broken'],
    });
  });

  it('has one hand on the controls, who can be taken over from', async () => {
    const { desk } = staged();
    await desk.take(GO, OPERATOR);
    expect(await desk.take(INJECT, OTHER)).toEqual({
      ok: false,
      reasons: ['operator 1 has the controls: take them over first'],
    });
    expect(await desk.take({ do: 'take-controls' }, OTHER)).toEqual(ok);
    expect(await desk.take(INJECT, OTHER)).toEqual(ok);
    expect(desk.hasTheControls).toBe('operator 2');
    desk.close();
  });

  it('tells a fault that the run refuses', async () => {
    const desk = new Desk(() => ({ active: [], wanting: [] }));
    desk.open({ tell: () => undefined });
    const refusing = (async () => {
      for await (const { refused } of desk) refused?.(['there is no volume "lead"']);
    })();
    await desk.take(GO, OPERATOR);
    expect(await desk.take(INJECT, OPERATOR)).toEqual({ ok: false, reasons: ['there is no volume "lead"'] });
    await desk.take({ do: 'end' }, OPERATOR);
    await refusing;
    desk.close();
  });

  it('heals by itself what has been broken for as long as it may be', async () => {
    const { desk, active, acts } = staged({ longestMs: 50 });
    await desk.take(GO, OPERATOR);
    await desk.take(INJECT, OPERATOR);
    expect(active).toHaveLength(1);
    await eventually(() => active.length === 0, acts);
    expect(acts().at(-1)).toEqual({ heal: { volume: 'gold' } });
  });

  it('ends: heals, follows the mail, and is over', async () => {
    const { desk, acts, running, isOver } = staged();
    await desk.take(GO, OPERATOR);
    await desk.take(INJECT, OPERATOR);
    expect(await desk.take({ do: 'end' }, OPERATOR)).toEqual(ok);
    await running;
    expect(isOver()).toBe(true);
    expect(acts().slice(1)).toEqual([{ heal: 'all' }, { settle: '10m' }]);
    desk.close();
  });

  it('takes the next step now', async () => {
    const { desk, acts, taken, finish, running } = staged({ timeline: [{ hold: '10m' }, { settle: '1m' }] });
    expect(await desk.take({ do: 'next' }, OPERATOR)).toMatchObject({ ok: false });
    await desk.take(GO, OPERATOR);
    await eventually(() => taken.length === 1, acts);
    expect(await desk.take({ do: 'next' }, OPERATOR)).toEqual(ok);
    finish();
    await running;
    expect(acts()).toEqual([{ hold: '10m' }, { settle: '1m' }]);
  });

  it('answers that the stack is not up before mail flows', async () => {
    const desk = new Desk(() => ({ active: [], wanting: [] }));
    expect(await desk.take({ do: 'note', text: 'x' }, OPERATOR)).toEqual({
      ok: false,
      reasons: ['the stack is not up yet'],
    });
  });
});
