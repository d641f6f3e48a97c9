import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/history/event.js';
import { historyIn, readHistory, type HistoryProblem } from '../../../src/history/reader.js';
import { HistoryWriter, systemClock, type HistoryClock } from '../../../src/history/writer.js';
import { goodHistory } from '../../support/good-history.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nobounce-history-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A clock that a test sets. */
class SetClock implements HistoryClock {
  monotonic = 1_000;
  wall = 5_000_000;
  monotonicMs(): number {
    return this.monotonic;
  }
  wallMs(): number {
    return this.wall;
  }
}

const failure = { type: 'harness.failed', what: 'sender', error: 'gone' } as const;
const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n');

async function eventsOf(
  path: string,
): Promise<{ events: HistoryEvent[]; problems: readonly HistoryProblem[] }> {
  const reading = readHistory(path);
  const events: HistoryEvent[] = [];
  for await (const event of reading) events.push(event);
  return { events, problems: reading.problems };
}

describe('HistoryWriter', () => {
  it('stamps each event with the time since it was opened, the wall and the simulated clock', () => {
    const clock = new SetClock();
    using writer = HistoryWriter.open(join(dir, 'new', 'history.jsonl'), clock);
    clock.monotonic += 12.3456789;
    clock.wall += 12;
    expect(writer.append(failure)).toEqual({ ...failure, t: 12.346, wall: 5_000_012, sim: 5_000_012 });
    expect(writer.path).toBe(join(dir, 'new', 'history.jsonl'));
  });

  it('moves the simulated clock forward only, and says so in the history', () => {
    const clock = new SetClock();
    using writer = HistoryWriter.open(join(dir, 'h.jsonl'), clock);
    const advanced = writer.advanceSim(86_400_000);
    expect(advanced).toMatchObject({ type: 'clock.advanced', byMs: 86_400_000, sim: 5_000_000 + 86_400_000 });
    writer.advanceSim(0);
    expect(writer.advanceSim(1_000).sim).toBe(5_000_000 + 86_401_000);
    expect(() => writer.advanceSim(-1)).toThrow(RangeError);
    expect(() => writer.advanceSim(Number.NaN)).toThrow('only goes forward');
    expect(writer.append(failure)).toMatchObject({ wall: 5_000_000, sim: 5_000_000 + 86_401_000 });
  });

  it('has each event in the file when append returns', () => {
    const path = join(dir, 'h.jsonl');
    using writer = HistoryWriter.open(path);
    const first = writer.append(failure);
    expect(linesOf(path)).toEqual([JSON.stringify(first), '']);
    writer.append({ ...failure, error: 'ünïcode \n in two lines' });
    expect(linesOf(path)).toHaveLength(3);
  });

  it('writes over nothing, and nothing after it is closed', () => {
    const path = join(dir, 'h.jsonl');
    const writer = HistoryWriter.open(path);
    expect(() => HistoryWriter.open(path)).toThrow('EEXIST');
    writer.close();
    writer.close();
    expect(() => writer.append(failure)).toThrow(`the history ${path} is closed`);
    expect(readFileSync(path, 'utf8')).toBe('');
    const left = (() => {
      using writer = HistoryWriter.open(join(dir, 'left.jsonl'));
      return writer;
    })();
    expect(() => left.append(failure)).toThrow('is closed');
  });

  it('tells its listeners of each event until they leave', () => {
    using writer = HistoryWriter.open(join(dir, 'h.jsonl'));
    const heard: string[] = [];
    const leave = writer.subscribe((event) => heard.push(`a ${event.type}`));
    writer.subscribe((event) => heard.push(`b ${event.type}`));
    writer.append(failure);
    leave();
    writer.append(failure);
    expect(heard).toEqual(['a harness.failed', 'b harness.failed', 'b harness.failed']);
  });

  it('has clocks of its own', () => {
    const before = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(60_000);
  });

  it('loses nothing when its process is killed', async () => {
    const path = join(dir, 'killed.jsonl');
    const url = new URL('../../../src/history/writer.ts', import.meta.url);
    const program = `import { HistoryWriter } from ${JSON.stringify(url.href)};
      const writer = HistoryWriter.open(${JSON.stringify(path)});
      for (let n = 0; n < 500; n += 1) writer.append({ type: 'harness.failed', what: String(n), error: '' });
      process.kill(process.pid, 'SIGKILL');`;
    const tsx = fileURLToPath(import.meta.resolve('tsx'));
    const script = join(dir, 'writes.mts');
    writeFileSync(script, program);
    const child = spawn(process.execPath, ['--import', tsx, script], { stdio: 'inherit' });
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const { events, problems } = await eventsOf(path);
    expect(events).toHaveLength(500);
    expect(problems).toEqual([]);
  });

  it('takes back the half of a line that had room, and goes on where there is room again', async () => {
    const path = join(dir, 'full.jsonl');
    const program = `
      import { HistoryWriter } from ${JSON.stringify(new URL('../../../src/history/writer.ts', import.meta.url).href)};
      const writer = HistoryWriter.open(${JSON.stringify(path)});
      const event = (error) => ({ type: 'harness.failed', what: 'disk', error });
      writer.append(event('fits'));
      let code;
      try { writer.append(event('x'.repeat(100_000))); } catch (error) { code = error.code; }
      writer.append(event(code));
      writer.close();`;
    const tsx = fileURLToPath(import.meta.resolve('tsx'));
    const script = join(dir, 'fills.mts');
    writeFileSync(script, program);
    // A file of at most 4,096 bytes (POSIX: blocks of 512): what a full disk does, without one.
    const command = 'ulimit -f 8; exec "$0" --import "$1" "$2"';
    const child = spawn('sh', ['-c', command, process.execPath, tsx, script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { events, problems } = await eventsOf(path);
    expect(events.map((event) => (event.type === 'harness.failed' ? event.error : event.type))).toEqual([
      'fits',
      'EFBIG',
    ]);
    expect(problems).toEqual([]);
  });
});

describe('readHistory', () => {
  const write = (name: string, text: string): string => {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  };

  it('gives back what was written, in order', async () => {
    const good = goodHistory();
    const path = write('good.jsonl', good.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const { events, problems } = await eventsOf(path);
    expect(events).toEqual(good);
    expect(problems).toEqual([]);
  });

  it('reads lines that are longer than what it reads at a time, and characters cut by it', async () => {
    const long = { ...failure, error: 'ü'.repeat(1_500_000), t: 1, wall: 1, sim: 1 };
    const short = { ...failure, t: 2, wall: 2, sim: 2 };
    const path = write(
      'long.jsonl',
      [short, long, short, long, short].map((e) => `${JSON.stringify(e)}\n`).join(''),
    );
    const { events, problems } = await eventsOf(path);
    expect(events.map(({ t }) => t)).toEqual([2, 1, 2, 1, 2]);
    expect(events[1]).toEqual(long);
    expect(problems).toEqual([]);
  });

  it('reports a line that was cut off, and is not stopped by it', async () => {
    const whole = JSON.stringify({ ...failure, t: 1, wall: 1, sim: 1 });
    const path = write('cut.jsonl', `${whole}\n${whole}\n${whole.slice(0, 40)}`);
    const { events, problems } = await eventsOf(path);
    expect(events).toHaveLength(2);
    expect(problems).toEqual([
      { kind: 'truncated', where: `${path}:3`, text: 'the last line is cut off after 40 characters' },
    ]);
  });

  it('takes a whole last line without its newline, and an empty file', async () => {
    const whole = JSON.stringify({ ...failure, t: 1, wall: 1, sim: 1 });
    expect((await eventsOf(write('whole.jsonl', whole))).events).toHaveLength(1);
    expect((await eventsOf(write('empty.jsonl', ''))).events).toEqual([]);
  });

  it('reports empty lines, wherever they are, and takes a newline at the edge of what it reads', async () => {
    const event = { ...failure, t: 1, wall: 1, sim: 1 };
    const whole = JSON.stringify(event);
    const gaps = await eventsOf(write('gaps.jsonl', `\n\n${whole}\n\n${whole}\n\n`));
    expect(gaps.events).toHaveLength(2);
    expect(gaps.problems.map(({ where }) => where.split(':').at(-1))).toEqual(['1', '2', '4', '6']);
    const padded = { ...event, error: 'x'.repeat((1 << 20) - whole.length + event.error.length) };
    const edge = await eventsOf(write('edge.jsonl', `${JSON.stringify(padded)}\n${whole}`));
    expect(edge).toEqual({ events: [padded, event], problems: [] });
  });

  it('reports lines that are no events, with file and line, and passes over them', async () => {
    const whole = JSON.stringify({ ...failure, t: 1, wall: 1, sim: 1 });
    const wrong = JSON.stringify({ ...failure, t: 'soon', wall: 1, sim: 1 });
    const path = write(
      'bad.jsonl',
      [whole, 'not json', wrong, '[]', '', '{"type":"novel"}', whole, ''].join('\n'),
    );
    const { events, problems } = await eventsOf(path);
    expect(events).toHaveLength(2);
    expect(problems.map(({ kind, where }) => `${kind} ${where.slice(path.length)}`)).toEqual([
      'bad-line :2',
      'bad-line :3',
      'bad-line :4',
      'bad-line :5',
      'bad-line :6',
    ]);
    const texts = problems.map(({ text }) => text);
    expect(texts[0]).toMatch(/^not JSON: /);
    expect(texts[1]).toMatch(/^harness\.failed: t: /);
    expect(texts[3]).toMatch(/^not JSON: /);
    expect(texts[4]).toMatch(/^novel: type: /);
  });

  it('describes no more than a hundred bad lines', async () => {
    const path = write('no-history.jsonl', 'x\n'.repeat(250));
    expect((await eventsOf(path)).problems).toHaveLength(100);
  });

  it('refuses a history of another version, and one that is not there', async () => {
    const [started] = goodHistory();
    const other = write('other.jsonl', `${JSON.stringify({ ...started, historyVersion: 2 })}\n`);
    await expect(eventsOf(other)).rejects.toThrow(
      `${other}:1: the history has version 2, this nobounce reads version 1`,
    );
    await expect(eventsOf(other)).rejects.toMatchObject({
      kind: 'usage',
      advice: 'Judge it with the nobounce that wrote it, or a newer one.',
    });
    const missing = join(dir, 'missing.jsonl');
    await expect(eventsOf(missing)).rejects.toThrow(/cannot be read: .*ENOENT/);
    await expect(eventsOf(missing)).rejects.toMatchObject({
      kind: 'usage',
      advice: 'Name the folder of a run, such as reports/vendor-os-bug/latest.',
    });
    // A broken start of the right version is a bad line like any other.
    const broken = write('broken.jsonl', `${JSON.stringify({ ...started, seed: -1 })}\n`);
    expect((await eventsOf(broken)).problems).toHaveLength(1);
  });

  it('reads a history that was compressed, and says where a compressed one is cut off', async () => {
    const good = goodHistory();
    const path = join(dir, 'history.jsonl.gz');
    const compressed = gzipSync(good.map((event) => `${JSON.stringify(event)}\n`).join(''));
    writeFileSync(path, compressed);
    expect(await eventsOf(path)).toEqual({ events: good, problems: [] });
    writeFileSync(path, compressed.subarray(0, compressed.length / 2));
    await expect(eventsOf(path)).rejects.toThrow(
      `the history ${path} cannot be read: unexpected end of file`,
    );
    rmSync(path);
    await expect(eventsOf(path)).rejects.toThrow(/cannot be read: .*ENOENT/);
  });

  it('finds the history in a folder, the one as written first', () => {
    const plain = join(dir, 'history.jsonl');
    expect(historyIn(dir)).toBe(plain);
    writeFileSync(`${plain}.gz`, '');
    expect(historyIn(dir)).toBe(`${plain}.gz`);
    writeFileSync(plain, '');
    expect(historyIn(dir)).toBe(plain);
  });

  it('opens nothing before it is read', () => {
    const path = join(dir, 'later.jsonl');
    expect(readHistory(path).path).toBe(path);
    expect(existsSync(path)).toBe(false);
    appendFileSync(path, '');
  });
});
