import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { withDeadline } from '../errors/deadline.js';
import { NobounceError } from '../errors/errors.js';
import { LineSplitter } from '../stack/lines.js';
import type { Undo } from '../stack/undo.js';
import { formatDurationMs } from '../units/duration.js';
import { answer, setup, type Answer, type Setup, type Tidings } from './protocol.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const BEAT_EVERY_MS = 2_000;
const START_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** Of a guardian that may have to heal what the harness could not. */
const END_TIMEOUT_MS = 25_000;

/** Of its standard error, for error messages. */
const COMPLAINT_LENGTH = 500;

type TookOver = Extract<Answer, { say: 'took-over' }>;

function takenOver({ why, silentMs, keys }: TookOver): Error {
  const reason =
    why === 'silent'
      ? `nothing was heard of this process for ${formatDurationMs(silentMs)}`
      : why === 'asked'
        ? 'somebody ended it'
        : 'it lost this process';
  return new Error(`the guardian took over and heals ${keys.join(', ')}: ${reason}`);
}

/**
 * The harness's side of its guardian: a process of its own, in a session of its own, that undoes what is held when
 * this process dies, or is not heard of for `silentMs`.
 */
export class Guardian {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lost: (error: Error) => void;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #held = new Set<string>();
  readonly #beats: NodeJS.Timeout;
  #complaint = '';
  #state: 'guarding' | 'closing' | 'lost' = 'guarding';

  private constructor(given: Setup, lost: (error: Error) => void) {
    this.#lost = lost;
    // What is meant for this process's own Node.js could break the guardian's.
    const env = { ...process.env };
    delete env['NODE_OPTIONS'];
    this.#process = spawn(process.execPath, [MAIN, JSON.stringify(given)], {
      detached: true,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((done) => {
      this.#process.once('close', (code, signal) => {
        this.#end(
          new Error(`the guardian ended (${signal ?? `exit code ${String(code)}`}) ${this.#complaint}`),
        );
        done();
      });
      this.#process.once('error', (cause) => {
        this.#end(new Error('the guardian cannot be started', { cause }));
        done();
      });
    });
    const beatMs = Math.min(BEAT_EVERY_MS, given.silentMs / 4);
    this.#beats = setInterval(() => {
      this.#tell({ tell: 'beat' });
    }, beatMs).unref();
    // Without a process there are no streams either, whatever their types say; `error` tells why.
    if (this.#process.pid === undefined) return;
    // Its end is told by `close`; a write that comes too late must not be a second error.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stdout.on('data', new LineSplitter(this.#hear).push);
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-COMPLAINT_LENGTH);
    });
  }

  /**
   * Starts a guardian; resolves when it guards.
   * @param silentMs after so long without a sign of life of this process it takes over.
   * @param record the file that takes what it did.
   * @param lost called once, when it took over or ended although nobody here let go of it.
   * @throws NobounceError (`harness`) where it does not start.
   */
  static async start({ silentMs, record }: Setup, lost: (error: Error) => void): Promise<Guardian> {
    const given = setup.safeParse({ silentMs, record: resolve(record) });
    if (!given.success) throw new NobounceError('usage', 'a lease has to last a second at least');
    const guardian = new Guardian(given.data, lost);
    try {
      await guardian.#answered('', START_TIMEOUT_MS);
    } catch (error) {
      guardian.#letGo();
      throw error;
    }
    return guardian;
  }

  /**
   * From here on the guardian undoes this when this process cannot; resolves when it has said so.
   * @throws NobounceError (`harness`) where it does not: then nothing may be broken.
   */
  async hold(key: string, undo: Undo): Promise<void> {
    const held = this.#answered(key, ANSWER_TIMEOUT_MS);
    this.#tell({ tell: 'hold', key, undo });
    await held;
    this.#held.add(key);
  }

  /** It was healed. */
  release(key: string): void {
    this.#held.delete(key);
    this.#tell({ tell: 'release', key });
  }

  /** Lets it go. What is still held is undone by it first. @throws NobounceError where it could not be. */
  async close(): Promise<void> {
    clearInterval(this.#beats);
    if (this.#state === 'guarding') this.#state = 'closing';
    this.#tell({ tell: 'bye' });
    this.#process.stdin.end();
    try {
      await withDeadline(this.#exited, END_TIMEOUT_MS, 'end of the guardian');
    } finally {
      this.#letGo();
    }
    if (this.#held.size === 0 || this.#process.exitCode === 0) return;
    throw new NobounceError('harness', `the guardian could not heal ${[...this.#held].join(', ')} either`);
  }

  /** It ends by itself, as its input does; nobody here waits for that any more. */
  #letGo(): void {
    this.#process.unref();
    for (const stream of this.#process.stdio) stream?.destroy();
  }

  #tell(told: Tidings): void {
    if (this.#process.stdin.writable) this.#process.stdin.write(`${JSON.stringify(told)}\n`);
  }

  /** Its answer to what is held under a key; to being started where that is empty. */
  async #answered(key: string, timeoutMs: number): Promise<void> {
    const answered = new Promise<void>((done, fail) => {
      if (this.#state === 'guarding') this.#waiting.set(key, { resolve: done, reject: fail });
      else fail(new Error('it is gone'));
    });
    try {
      await withDeadline(answered, timeoutMs, 'an answer of the guardian');
    } catch (cause) {
      const what = key === '' ? 'does not start' : `does not take ${key}: it is not injected`;
      throw new NobounceError('harness', `the guardian of this run ${what}`, { cause });
    } finally {
      this.#waiting.delete(key);
    }
  }

  readonly #hear = (line: string): void => {
    const heard = answer.parse(JSON.parse(line));
    if (heard.say === 'took-over') this.#end(takenOver(heard));
    else this.#waiting.get(heard.say === 'held' ? heard.key : '')?.resolve();
  };

  #end(error: Error): void {
    clearInterval(this.#beats);
    for (const { reject } of this.#waiting.values()) reject(error);
    if (this.#state !== 'guarding') return;
    this.#state = 'lost';
    this.#lost(error);
  }
}
