import { mkdtempSync, openSync, closeSync, ftruncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { judgeFile } from '../../../src/check/judge.js';
import type { Judgement } from '../../../src/check/judgement.js';
import { NobounceError } from '../../../src/errors/errors.js';
import type { HistoryEvent } from '../../../src/history/event.js';
import { duplicateKey, keysRead, keysWritten } from '../../../src/history/json-keys.js';
import { readHistory, type HistoryProblem } from '../../../src/history/reader.js';
import { runPage } from '../../../src/report/html-file.js';
import { goodHistory } from '../../support/good-history.js';
import { savedRun } from '../../support/saved-run.js';

/** On a busy machine of two cores; alone each takes less than a second or two. */
const TIMEOUT_MS = 60_000;
const MEGABYTE = 2 ** 20;

const good = goodHistory().map((event) => JSON.stringify(event));

function fileOf(content: string | Buffer, name = 'history.jsonl'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hostile-')), name);
  writeFileSync(file, content);
  return file;
}

const saved = (lines: readonly (string | Buffer)[]): string =>
  fileOf(Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));

async function read(file: string): Promise<{ events: number; problems: readonly HistoryProblem[] }> {
  const reading = readHistory(file);
  let events = 0;
  for await (const batch of reading.batches()) events += batch.length;
  return { events, problems: reading.problems };
}

/** A good history with one line, the first of its type, in another form. */
function withLine(type: HistoryEvent['type'], change: (line: string) => string | Buffer): string {
  const index = good.findIndex((line) => line.startsWith(`{"type":"${type}"`));
  const line = good[index];
  if (line === undefined) throw new Error(`the good history has no ${type}`);
  return saved(good.map((one, at) => (at === index ? change(line) : one)));
}

const changed =
  (event: Record<string, unknown>) =>
  (line: string): string => {
    const value: unknown = JSON.parse(line);
    return JSON.stringify({ ...Object(value), ...event });
  };

function nested(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

const noPass = ({ verdict, checks }: Judgement): string =>
  `${verdict}: ${checks.find(({ name }) => name === 'sound-history')?.verdict ?? ''}`;

describe(
  'a line that nobounce would never write is no event, and the run proves nothing',
  { timeout: TIMEOUT_MS },
  () => {
    it.each<[string, HistoryEvent['type'], (line: string) => string | Buffer, RegExp]>([
      ['a time in thirty years', 'fault.felt', changed({ t: 1e12 }), /fault\.felt: t: /],
      ['a clock in the year 33,658', 'fault.felt', changed({ wall: 1e15 }), /fault\.felt: wall: /],
      ['simulated time without end', 'fault.felt', changed({ sim: 1e300 }), /fault\.felt: sim: /],
      ['an operation of a century', 'probe.sampled', changed({ ms: 1e14 }), /probe\.sampled: ms: /],
      ['a key twice', 'fault.felt', (line) => line.replace('{', '{"t":1,'), /the key "t" is there twice/],
      [
        'a key twice, with a blank',
        'fault.felt',
        (line) => line.replace('{', '{"t" :1,'),
        /the key "t" is there twice/,
      ],
      [
        'a key twice, in other letters',
        'fault.felt',
        (line) => line.replace('{', '{"\\u0074":1,'),
        /the key "t" is there twice/,
      ],
      [
        'a type twice',
        'message.created',
        (line) => line.replace('{', '{"type":"run.ended",'),
        /the key "type" is there twice/,
      ],
      [
        'a key twice, below',
        'mailbox.listed',
        (line) => line.replace('"messages":[{', '"messages":[{"uid":9,'),
        /the key "uid" is there twice/,
      ],
      [
        'a nested scenario',
        'run.started',
        (line) => line.replace('"scenario":{', `"scenario":{"x":${nested(100_000)},`),
        /nested too deeply/,
      ],
      [
        'nested parameters',
        'fault.injecting',
        (line) => line.replace('"parameters":{', `"parameters":{"x":${nested(1_000)},`),
        /nested too deeply/,
      ],
      ['NUL bytes', 'fault.felt', (line) => line.replace('evidence', 'evi\u0000dence'), /not JSON/],
      ['nothing but NUL bytes', 'fault.felt', () => Buffer.alloc(100_000), /not JSON/],
      [
        'no UTF-8',
        'fault.felt',
        (line) => Buffer.concat([Buffer.from(line), Buffer.from([0xff, 0xfe])]),
        /not UTF-8/,
      ],
      [
        'a line of 40 MiB',
        'fault.felt',
        changed({ evidence: 'x'.repeat(40 * MEGABYTE) }),
        /longer than 32 MiB/,
      ],
    ])('%s', async (_, type, change, problem) => {
      const file = withLine(type, change);
      const { events, problems } = await read(file);
      expect(problems.map(({ text }) => text)).toEqual([expect.stringMatching(problem)]);
      expect(events).toBe(good.length - 1);
      expect(noPass(await judgeFile(file))).toMatch(/^(?:fail|inconclusive): inconclusive$/);
    });

    it('and is told with its own line, wherever it stands', async () => {
      const { problems } = await read(
        saved([good[0] ?? '', good[1] ?? '', '{"type":"x","type":"y"}', good[2] ?? '', 'x']),
      );
      expect(problems.map(({ where }) => where.replace(/^.*:/, ''))).toEqual(['3', '5']);
    });
  },
);

describe('a history that was made to do harm', { timeout: TIMEOUT_MS }, () => {
  it('with a line of 700 MB is read in bounded memory', async () => {
    const file = fileOf(`${good.join('\n')}\n`);
    const descriptor = openSync(file, 'r+');
    // A file with a hole: it takes no room on the disk.
    ftruncateSync(descriptor, 700 * MEGABYTE);
    closeSync(descriptor);
    const before = process.memoryUsage.rss();
    const { events, problems } = await read(file);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MEGABYTE);
    expect(events).toBe(good.length);
    expect(problems).toHaveLength(1);
  });

  it('with nothing but such a line, however long, is no history', async () => {
    const file = fileOf('');
    const descriptor = openSync(file, 'r+');
    ftruncateSync(descriptor, 2 ** 36);
    closeSync(descriptor);
    await expect(read(file)).rejects.toThrow('is no history');
  });

  it('that is another kind of file is no history', async () => {
    const refused = read(fileOf('x\n'.repeat(200_000)));
    await expect(refused).rejects.toBeInstanceOf(NobounceError);
    await expect(refused).rejects.toThrow('is no history');
  });

  it('that grows without end when it is unpacked is refused', async () => {
    const bomb = fileOf(gzipSync(Buffer.alloc(300 * MEGABYTE)), 'history.jsonl.gz');
    const refused = read(bomb);
    await expect(refused).rejects.toBeInstanceOf(NobounceError);
    await expect(refused).rejects.toThrow('it grows to more than 200 times its size');
  });

  it('with 200,000 unknown keys is read for what is known', async () => {
    const keys = Object.fromEntries(
      Array.from({ length: 200_000 }, (_, index) => [`k${String(index)}`, index]),
    );
    const { events, problems } = await read(withLine('fault.felt', changed(keys)));
    expect([events, problems]).toEqual([good.length, []]);
  });

  it.each([86_400_000, 30 * 86_400_000, 315_000_000_000])(
    'that is silent for %d ms makes a page of the usual size',
    async (gapMs) => {
      const events = goodHistory();
      const late = events.map((event): HistoryEvent =>
        event.t > 20_000
          ? { ...event, t: event.t + gapMs, wall: event.wall + gapMs, sim: event.sim + gapMs }
          : event,
      );
      const before = process.memoryUsage.rss();
      const report = await savedRun(late);
      const page = await runPage(report);
      expect(page.length).toBeLessThan(3 * MEGABYTE);
      expect(process.memoryUsage.rss() - before).toBeLessThan(400 * MEGABYTE);
    },
  );
});

describe('the keys of a JSON text', () => {
  it.each<[string, number, string | null]>([
    ['{"a":1,"b":[{"a":2},{"a":3}],"c":{"a":{"a":1}}}', 7, null],
    ['{"a":"\\":","b":"x\\\\"}', 2, null],
    ['{"a":1,"a":2}', 2, 'a'],
    ['[{"a":1},{"a":1}]', 2, null],
    ['{"x":{"a":1,"b":2,"a":3}}', 4, 'a'],
    ['{"a":1,"\\u0061":2}', 2, 'a'],
    ['{"a\\\\":1,"a":2}', 2, null],
    ['{}', 0, null],
    ['"a"', 0, null],
  ])('%s', (text, written, twice) => {
    expect(keysWritten(Buffer.from(text))).toBe(written);
    expect(duplicateKey(text)).toBe(twice);
    expect(keysRead(JSON.parse(text)) === written).toBe(twice === null);
  });

  it.each(['{"a" :1}', '{"a"\t:1}', '{"a" \r :1,"b":2}'])(
    'are not counted in %j, which has a blank before a colon',
    (text) => {
      expect(keysWritten(Buffer.from(text))).toBeNull();
    },
  );

  it('are as many as are read, in every line of a good history', () => {
    for (const line of good) {
      expect(keysWritten(Buffer.from(line))).toBe(keysRead(JSON.parse(line)));
      expect(duplicateKey(line)).toBeNull();
    }
  });
});
