import { describe, expect, it } from 'vitest';
import { explain, Storyteller, storyLines } from '../../../src/check/explain.js';
import { goodHistory, RUN, TIMES } from '../../support/good-history.js';
import { contentOf, GOLD, SILVER, Tale } from '../../support/tale.js';
import { victim } from '../../defects/edit.js';

async function told(tale: Tale, id = 'm'): Promise<readonly string[]> {
  const story = await explain(tale.events, id);
  return story === null ? [] : storyLines(story);
}

describe('explain', () => {
  it('tells the whole story of a message that waited, in order, with the faults of its volume', async () => {
    const good = goodHistory();
    const { id } = victim(good, { volume: 'gold', during: 'outage' });
    const story = await explain(good, id);
    expect(story).not.toBeNull();
    if (story === null) return;
    expect(story.lines.map(({ atMs }) => atMs)).toEqual(
      story.lines.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
    expect(storyLines(story)).toMatchSnapshot();
    expect(
      story.lines.some(
        ({ text, atMs }) => text === 'vendor-os-bug on gold: felt (EIO on write)' && atMs === TIMES.felt,
      ),
    ).toBe(true);
  });

  it('tells the time of the services too where their clocks were moved', async () => {
    const good = goodHistory();
    const { id } = victim(good, { volume: 'gold', during: 'outage' });
    const movedBy = async (ms: number): Promise<readonly string[]> => {
      const moved = good.map((event) => (event.t < TIMES.heal ? event : { ...event, sim: event.sim + ms }));
      const story = await explain(moved, id);
      return story === null ? [] : storyLines(story);
    };
    const lines = await movedBy(6 * 3_600_000);
    expect(lines[0]).toMatch(/^ +[\d.]+ s {2}simulated 0 min {6}\S/);
    expect(lines.at(-2)).toMatch(/simulated 6 h {8}\S/);
    expect((await movedBy(60_000)).at(-2)).toContain('simulated 1 min');
    expect((await movedBy(0)).join()).not.toContain('simulated');
  });

  it('tells nothing of the faults of other volumes', async () => {
    const good = goodHistory();
    const { id } = victim(good, { volume: 'silver', during: 'outage' });
    const story = await explain(good, id);
    expect(story?.lines.filter(({ text }) => text.includes('vendor-os-bug'))).toEqual([]);
    expect(story?.ending).toBe('Fate: delivered.');
  });

  it('tells everything that can happen to a message', async () => {
    const tale = new Tale()
      .created('m', 1_000)
      .attempt('m', 1_100, 'ambiguous')
      .attempt('m', 1_200, 'accepted')
      .queued('m', 1_300, { reason: '' })
      .queued('m', 1_400)
      .left('m', 1_500)
      .logged('m', 1_600)
      .logged('m', 1_700, { status: 'sent', enhanced: null, reply: '' })
      .copy('m', 1_800, { uid: 3 })
      .outside('m', 1_900)
      .dsn('m', 2_000, { status: null })
      .add(2_100, { type: 'file.found', id: 'm', volume: 'gold', where: 'volume', path: '/a', bytes: 1 })
      .add(2_200, { type: 'file.found', id: 'm', volume: 'gold', where: 'under-mount', path: '/b', bytes: 1 })
      .add(2_300, { type: 'message.abandoned', id: 'm', reason: 'enough' })
      .listed(2_400, 'after', ['x', 'm', 'm', 'm'])
      .accepted('other', 2_500)
      .ended(2_600);
    expect(await told(tale)).toMatchSnapshot();
  });

  it('says how it ended', async () => {
    const ending = async (tale: Tale) => (await told(tale)).at(-1);
    expect(await ending(new Tale().accepted('m', 1).copy('m', 2))).toBe('Fate: delivered.');
    expect(await ending(new Tale().accepted('m', 1).copy('m', 2).dsn('m', 3))).toBe(
      'Fate: delivered; bounced as well.',
    );
    expect(await ending(new Tale().accepted('m', 1).dsn('m', 3))).toBe('Fate: bounced.');
    const wrong = { ...contentOf('m'), bytes: 1, mailbox: SILVER };
    expect(
      await ending(new Tale().accepted('m', 1).copy('m', 2, wrong).listed(3, 'after', []).ended(4)),
    ).toBe('Fate: lost; corrupted; delivered to someone else.');
    expect(await ending(new Tale().accepted('m', 1).copy('m', 2, { uid: 1 }).copy('m', 3, { uid: 2 }))).toBe(
      'Fate: delivered; duplicated: 2 copies.',
    );
    expect(await ending(new Tale().created('m', 1))).toBe('Nobody accepted it (never tried).');
    expect(await ending(new Tale().created('m', 1).attempt('m', 2, 'rejected').copy('m', 3))).toBe(
      'Nobody accepted it (rejected), and arrived all the same.',
    );
    expect(await ending(new Tale().copy('m', 3))).toBe('No one in this run sent it.');
  });

  it('tells the faults of every place that it has to pass, and of no other', async () => {
    const faultsOf = async (kind: 'inbound' | 'outbound') => {
      const tale = new Tale()
        .fault({ injected: 1, felt: 2, healed: 4 }, { volume: 'mx' })
        .fault({ injected: 1, felt: 2, healed: 4 }, { volume: 'silver' })
        .accepted('m', 3, kind === 'outbound' ? { kind, to: 'friend@outside.test' } : { kind });
      return (await told(tale)).filter((line) => line.includes(' on ')).map((line) => line.trim());
    };
    expect((await faultsOf('inbound')).every((line) => line.includes(' on the link to the MX: '))).toBe(true);
    expect(await faultsOf('inbound')).not.toEqual([]);
    expect(await faultsOf('outbound')).toEqual([]);
  });

  it('tells no faults of what no one sent, and only the lines that name it', async () => {
    const tale = new Tale()
      .fault({ injected: 1, felt: 2, healed: 4 })
      .copy('m', 3)
      .copy('n', 3, { id: null });
    expect(await told(tale.listed(5, 'after', [null, 'm']))).toEqual([
      `      3 ms  a copy in ${GOLD}, UID 3, 1000 bytes`,
      `      5 ms  listed after in ${GOLD}, UID 2`,
      'No one in this run sent it.',
    ]);
  });

  it('has folded the history by the way', () => {
    const teller = new Storyteller(['m']);
    for (const event of new Tale().accepted('m', 1).accepted('n', 2).events) teller.see(event);
    expect(teller.fold.ledger.size).toBe(2);
  });

  it('knows nothing of an id that no event names', async () => {
    expect(await explain(new Tale().accepted('m', 1).events, `${RUN}-x`)).toBeNull();
    expect(await told(new Tale().listed(1, 'before', ['seed']), 'seed')).toEqual([
      `      1 ms  listed before in ${GOLD}, UID 1`,
      'No one in this run sent it.',
    ]);
  });
});
