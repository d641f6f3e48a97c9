import { describe, expect, it } from 'vitest';
import type { SourceKind } from '../../../src/history/event.js';
import { Source } from '../../../src/history/source.js';

function recorded(kind: SourceKind, ...times: readonly number[]): Source {
  const source = new Source(kind, 'mta');
  for (const t of times) source.record(t, 0);
  return source;
}

const every = (ms: number, until: number) => Array.from({ length: until / ms + 1 }, (_, n) => n * ms);

describe('a source by its cadence', () => {
  const silent = (source: Source, until: number, cadenceMs: number | null = null) =>
    source.silenceByCadence(0, until, cadenceMs, false);

  it('may be silent for three seconds at the edges, readers and senders for six, and ten between', () => {
    const queue = recorded('queue', ...every(200, 8_000));
    expect(silent(queue, 11_000)).toBeNull();
    expect(silent(queue, 11_001)).toEqual({
      kind: 'queue',
      subject: 'mta',
      from: 8_000,
      to: 11_001,
      how: 'silent',
    });
    queue.record(18_000, 0);
    expect(silent(queue, 18_000, 200)).toBeNull();
    queue.record(28_001, 0);
    expect(silent(queue, 28_001, 200)).toMatchObject({ from: 18_000, to: 28_001 });
    for (const kind of ['readers', 'senders'] as const) {
      const traffic = recorded(kind, ...every(400, 8_000));
      expect(silent(traffic, 14_000)).toBeNull();
      expect(silent(traffic, 14_001)).toMatchObject({ from: 8_000 });
      traffic.record(18_001, 0);
      expect(silent(traffic, 18_001, 400)).toMatchObject({ from: 8_000 });
    }
  });

  it('may be silent for ten times its usual cadence, or for six times the one that the scenario says', () => {
    const slow = recorded('queue', 0, 2_000, 4_000);
    expect(silent(slow, 24_000)).toBeNull();
    expect(silent(slow, 24_001)).toMatchObject({ from: 4_000 });
    const readers = recorded('readers', 0, 2_000, 4_000);
    expect(silent(readers, 22_000, 3_000)).toBeNull();
    expect(silent(readers, 22_001, 3_000)).toMatchObject({ from: 4_000 });
    const between = recorded('queue', 0, 12_000);
    expect(silent(between, 12_000, 1_200)).toBeNull();
    expect(silent(between, 12_000, 1_199)).toMatchObject({ from: 0 });
  });

  it('was never heard of, or is no silence of one that has no cadence yet', () => {
    const never = new Source('probe', 'gold');
    expect(silent(never, 3_001)).toMatchObject({ kind: 'probe', subject: 'gold', how: 'never' });
    expect(never.silenceByCadence(0, 60_000, null, true)).toBeNull();
    const nine = recorded('queue', ...every(400, 3_200));
    expect(nine.silenceByCadence(0, 60_000, null, true)).toBeNull();
    nine.record(3_600, 0);
    expect(nine.silenceByCadence(0, 60_000, null, true)).toMatchObject({ from: 3_600 });
  });

  it('is asked for what it recorded, whatever it says, and not while it was held', () => {
    const mute = recorded('queue', ...every(400, 8_000));
    for (const t of every(1_000, 60_000)) mute.live(t, 1);
    expect(silent(mute, 60_000)).toMatchObject({ from: 8_000 });
    mute.excuse(9_000, 58_000);
    expect(silent(mute, 60_000)).toBeNull();
    mute.stir(61_000, 0);
    expect(silent(mute, 62_000)).toBeNull();
  });
});

describe('a source by its own word', () => {
  it('may be silent for as long as it said, at the edges and between', () => {
    const source = new Source('queue', 'mta');
    source.start(0, 700);
    source.live(700, 0);
    expect(source.silenceBySaying(0, 1_400)).toBeNull();
    expect(source.silenceBySaying(0, 1_401)).toMatchObject({ from: 700, to: 1_401, how: 'silent' });
    source.record(1_500, 0);
    expect(source.silenceBySaying(0, 1_500)).toMatchObject({ from: 700, to: 1_500 });
    source.excuse(1_500, 9_000);
    expect(source.silenceBySaying(1_000, 9_500)).toBeNull();
  });

  it('has no time to be silent where it never began', () => {
    const source = new Source('log', 'mta');
    expect(source.silenceBySaying(5, 5)).toBeNull();
    expect(source.silenceBySaying(5, 6)).toEqual({
      kind: 'log',
      subject: 'mta',
      from: 5,
      to: 6,
      how: 'never',
    });
  });

  it('ended, unless it began again', () => {
    const source = new Source('outside', '');
    source.start(0, 90_000);
    source.end(20_000, 0);
    expect(source.silenceBySaying(0, 20_000)).toBeNull();
    expect(source.silenceBySaying(0, 20_001)).toMatchObject({ from: 20_000, to: 20_001, how: 'ended' });
    source.start(21_000, 90_000);
    expect(source.silenceBySaying(0, 60_000)).toBeNull();
  });

  it('keeps what it heard before when it begins again', () => {
    const source = new Source('outside', '');
    source.start(0, 1_000);
    source.start(30_000, 1_000);
    expect(source.silenceBySaying(0, 30_000)).toMatchObject({ from: 0, to: 30_000 });
  });
});

describe('a source that counts', () => {
  it.each<SourceKind>(['queue', 'probe', 'outside', 'readers', 'senders'])(
    'has recorded what it counted, but for what is under way: %s',
    (kind) => {
      const source = recorded(kind, 1, 2);
      source.live(3, 4);
      expect(source.shortfall).toBeNull();
      source.end(4, 5);
      expect(source.shortfall).toEqual({ kind, subject: 'mta', claimed: 5, recorded: 2 });
      source.live(5, 1);
      expect(source.shortfall).toMatchObject({ claimed: 5 });
      source.stir(6, 0);
      expect(source.shortfall).toMatchObject({ recorded: 2 });
      source.record(7, 0);
      expect(source.shortfall).toBeNull();
    },
  );

  it.each<SourceKind>(['log', 'mailboxes'])('may count what it does not record: %s', (kind) => {
    const source = recorded(kind, 1);
    source.live(2, 900);
    expect(source.shortfall).toBeNull();
  });
});
