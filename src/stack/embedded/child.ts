import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { withDeadline } from '../../errors/deadline.js';
import { NobounceError } from '../../errors/errors.js';
import { LineSplitter, MARK } from '../lines.js';
import { LogFile } from '../log-file.js';
import { answerLine, CONTROL_PREFIX } from './control.js';

const KILL_TIMEOUT_MS = 5_000;
const RECENT_LINES = 10_000;
/** In V8's last words. */
const OUT_OF_MEMORY = 'heap out of memory';

/** How a process ended: by a code of its own or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It said itself that it had no memory left. */
  readonly outOfMemory: boolean;
}

interface ChildSpec {
  readonly name: string;
  /** Arguments of this machine's Node.js. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The folder that takes `<name>.log`. */
  readonly logsDir: string;
  /** Of its heap, in MiB. */
  readonly memoryMib: number;
  /** It ended, and nobody here had killed it. */
  readonly died?: (exit: Exit) => void;
}

/**
 * One service: a process of its own. Its standard output and error are its log, but for the lines that begin with
 * `@`, which are for the driver. Its standard input is its lifeline: it ends when this process does.
 */
export class Child {
  readonly name: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<void>;
  readonly #log: LogFile;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #broken = new Set<(error: Error) => void>();
  /** Lines printed before anybody listened, and for error messages. */
  readonly #recent: string[] = [];
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;
  #killed = false;
  #ended = false;
  #outOfMemory = false;

  constructor({ name, args, env, cwd, logsDir, memoryMib, died }: ChildSpec) {
    this.name = name;
    this.#log = new LogFile(join(logsDir, `${name}.log`), this.#tellBroken);
    // Only what a Node.js program needs of the caller's environment: its options could break the child.
    const base = { PATH: process.env['PATH'] ?? '', HOME: cwd, TZ: process.env['TZ'] ?? '' };
    this.#process = spawn(process.execPath, [`--max-old-space-size=${String(memoryMib)}`, ...args], {
      cwd,
      env: { ...base, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        if (!this.#killed) died?.({ code, signal, outOfMemory: this.#outOfMemory });
        this.#end(`the service ${name} ended (${signal ?? `exit code ${String(code)}`})`);
        resolve();
      });
      this.#process.once('error', (error) => {
        this.#end(`the service ${name} cannot be started: ${error.message}`);
        resolve();
      });
    });
    // Without a process there are no streams either, whatever their types say; `error` tells why.
    if (this.#process.pid === undefined) return;
    // The child's death is told by `close`; a write that comes too late must not be a second error.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stdout.on('data', new LineSplitter(this.#onLine).push);
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      if (chunk.includes(OUT_OF_MEMORY)) this.#outOfMemory = true;
      this.#remember(chunk.toString().trimEnd());
    });
  }

  /** False once it was killed or ended by itself. */
  get running(): boolean {
    return !this.#killed && !this.#ended;
  }

  /** Every line from here on; the first listener gets those printed before, too. */
  listen(onLine: (line: string) => void, broken?: (error: Error) => void): () => void {
    if (this.#listeners.size === 0) for (const line of this.#recent.splice(0)) onLine(line);
    this.#listeners.add(onLine);
    if (broken !== undefined) this.#broken.add(broken);
    return () => {
      this.#listeners.delete(onLine);
      if (broken !== undefined) this.#broken.delete(broken);
    };
  }

  /** The first line that `read` makes something of. Throws an environment error where it ends, or says nothing in time. */
  async until<T>(read: (line: string) => T | undefined, timeoutMs: number): Promise<T> {
    let stop: () => void = () => undefined;
    const seen: string[] = [];
    const found = new Promise<T>((resolve, reject) => {
      stop = this.listen((line) => {
        seen.push(line);
        const value = read(line);
        if (value !== undefined) resolve(value);
      }, reject);
    });
    try {
      return await withDeadline(found, timeoutMs, `start of ${this.name}`);
    } catch (cause) {
      const said = [...seen, ...this.#recent].slice(-8).join('\n  ');
      throw new NobounceError('environment', `the service ${this.name} does not start\n  ${said}`, { cause });
    } finally {
      stop();
    }
  }

  /** Carries out one command in the child (control.ts). Throws a harness error, a DeadlineError after `timeoutMs`. */
  async command(command: object, timeoutMs: number): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answered = new Promise<unknown>((resolve, reject) => {
      if (!this.running) reject(new NobounceError('harness', `the service ${this.name} is not running`));
      this.#waiting.set(id, { resolve, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, command })}\n`);
    });
    try {
      return await withDeadline(answered, timeoutMs, `${JSON.stringify(command)} in ${this.name}`);
    } finally {
      this.#waiting.delete(id);
    }
  }

  signal(signal: 'SIGHUP'): void {
    this.#process.kill(signal);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#process.kill('SIGKILL');
    await withDeadline(this.#exited, KILL_TIMEOUT_MS, `end of ${this.name}`);
  }

  readonly #onLine = (line: string): void => {
    if (line.startsWith(`${CONTROL_PREFIX}{"answer"`)) {
      const { answer, value, error } = answerLine.parse(JSON.parse(line.slice(CONTROL_PREFIX.length)));
      const waiting = this.#waiting.get(answer);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new NobounceError('harness', `${this.name}: ${error}`));
      return;
    }
    if (!line.startsWith(CONTROL_PREFIX) && !line.startsWith('{') && line !== MARK)
      this.#log.write(`${line}\n`);
    if (this.#listeners.size > 0) for (const listener of this.#listeners) listener(line);
    else this.#remember(line);
  };

  #remember(line: string): void {
    this.#recent.push(line);
    if (this.#recent.length > RECENT_LINES) this.#recent.shift();
  }

  readonly #tellBroken = (error: Error): void => {
    for (const broken of this.#broken) broken(error);
  };

  #end(why: string): void {
    this.#ended = true;
    this.#log.write(`${why}\n`);
    this.#log.end();
    const error = new NobounceError('harness', why);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!this.#killed) this.#tellBroken(error);
  }
}
