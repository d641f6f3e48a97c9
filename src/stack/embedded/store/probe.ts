import type { ProbeSample } from '../../../fault/probe-sample.js';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineError, withDeadline } from '../../../errors/deadline.js';
import type { FileOperation } from '../array/protocol.js';
import { StorageError } from '../storage-error.js';
import type { Mount } from './mount.js';

const FOLDER = '.nobounce-probe';
const BYTES = 4_096;
/** So that a volume on which unlink fails does not fill up. */
const MOST_KEPT = 200;
const MOST_HUNG = 4;

type Sample = Omit<ProbeSample, 'service'>;
type Step = FileOperation & { readonly payload?: Buffer };

/** Where one run of operations has come to; a hung one is left to its fate with its own folder. */
class Worker {
  readonly #folder = `${FOLDER}/${String(Date.now())}-${randomBytes(4).toString('hex')}`;
  #prepared = false;
  #round = 0;
  #fresh: string | undefined;
  /** Whole files, oldest first. */
  readonly #kept: string[] = [];
  /** Files whose rename failed. */
  readonly #failed: string[] = [];

  /** Makes the folder first; that it is there is no operation to be measured. */
  async prepare(mount: Mount): Promise<void> {
    if (this.#prepared) return;
    await mount.perform({ op: 'mkdir', path: this.#folder });
    this.#prepared = true;
  }

  /**
   * The operations of one round, in order; each is decided when the one before it is over. Where the file of this
   * round could not be made, an older one shows what the operation itself gets.
   */
  *steps(): Generator<Step, void, 'ok' | 'error'> {
    this.#round += 1;
    const name = `${String(this.#round)}.new`;
    this.#fresh = undefined;
    if (this.#kept.length + this.#failed.length < MOST_KEPT) {
      if ((yield { op: 'create', path: this.#in(name) }) === 'ok') this.#fresh = name;
    }
    // One that is there is no error of mkdir, and the array is asked all the same.
    yield { op: 'mkdir', path: this.#in('folder') };
    const target = this.#fresh ?? this.#kept.at(-1);
    if (target !== undefined) {
      const path = this.#in(target);
      yield { op: 'write', path, offset: 0, payload: randomBytes(BYTES) };
      yield { op: 'truncate', path, bytes: BYTES / 2 };
      yield { op: 'fsync', path };
      yield* this.#rename(target);
    }
    // One from before the last round, as a reader's mail is.
    const old = this.#kept.at(-2);
    if (old !== undefined) {
      yield { op: 'open', path: this.#in(old) };
      yield { op: 'read', path: this.#in(old) };
    }
    const useless = this.#failed.length > 0 ? this.#failed : this.#kept.length > 2 ? this.#kept : [];
    const [first] = useless;
    if (first !== undefined && (yield { op: 'unlink', path: this.#in(first) }) === 'ok') useless.shift();
  }

  *#rename(target: string): Generator<Step, void, 'ok' | 'error'> {
    const after = `${String(this.#round)}.kept`;
    const outcome = yield { op: 'rename', path: this.#in(target), to: this.#in(after) };
    if (target === this.#fresh)
      (outcome === 'ok' ? this.#kept : this.#failed).push(outcome === 'ok' ? after : target);
    else if (outcome === 'ok') this.#kept[this.#kept.length - 1] = after;
  }

  #in(name: string): string {
    return `${this.#folder}/${name}`;
  }
}

/**
 * Feels what the store feels of a volume: small operations all the time, each with a deadline, in a folder of its own.
 * A worker that misses a deadline is left behind and replaced, at most so many times; then every round is `blocked`
 * until one of them comes back.
 */
export class StorageProbe {
  readonly #mount: Mount;
  readonly #intervalMs: number;
  readonly #deadlineMs: number;
  readonly #say: (sample: Sample) => void;
  #worker: Worker | undefined;
  #hung = 0;
  #hungIn: string = 'create';

  constructor(mount: Mount, pace: { intervalMs: number; deadlineMs: number }, say: (sample: Sample) => void) {
    this.#mount = mount;
    this.#intervalMs = pace.intervalMs;
    this.#deadlineMs = pace.deadlineMs;
    this.#say = say;
  }

  /** Runs until the signal, or the process, ends it. */
  async run(signal?: AbortSignal): Promise<void> {
    for (let nextMs = performance.now(); signal?.aborted !== true;) {
      await this.#playRound();
      nextMs = Math.max(nextMs + this.#intervalMs, performance.now());
      await delay(nextMs - performance.now());
    }
  }

  async #playRound(): Promise<void> {
    if (!this.#mount.mounted) {
      this.#worker = undefined;
      this.#tell('mounted', 'error', 'ENOTMNT', 0);
      return;
    }
    this.#tell('mounted', 'ok', null, 0);
    if (this.#worker === undefined && this.#hung >= MOST_HUNG) {
      this.#tell(this.#hungIn, 'blocked', null, this.#intervalMs);
      return;
    }
    const worker = (this.#worker ??= new Worker());
    const prepared = await this.#do('create', () => worker.prepare(this.#mount), false);
    if (prepared !== 'ok') return;
    const steps = worker.steps();
    for (let step = steps.next(); step.done !== true;) {
      const { payload, ...operation } = step.value;
      const outcome = await this.#do(
        operation.op,
        () => this.#mount.perform(operation, payload).then(() => undefined),
        true,
      );
      if (outcome === 'blocked' || outcome === 'stale') return;
      step = steps.next(outcome);
    }
  }

  async #do(
    operation: string,
    work: () => Promise<void>,
    saysOk: boolean,
  ): Promise<'ok' | 'error' | 'blocked' | 'stale'> {
    const startMs = performance.now();
    const running = work();
    try {
      await withDeadline(running, this.#deadlineMs, operation);
      if (saysOk) this.#tell(operation, 'ok', null, performance.now() - startMs);
      return 'ok';
    } catch (error) {
      const ms = performance.now() - startMs;
      if (error instanceof DeadlineError) {
        this.#leave(operation, running);
        this.#tell(operation, 'blocked', null, ms);
        return 'blocked';
      }
      if (!(error instanceof StorageError)) throw error;
      if (error.isAboutTheFile) {
        // An answer was lost with a connection, and what the worker knows of its files is old: a new one begins afresh.
        this.#worker = undefined;
        return 'stale';
      }
      this.#tell(operation, 'error', error.errno, ms);
      return 'error';
    }
  }

  #leave(operation: string, running: Promise<void>): void {
    this.#worker = undefined;
    this.#hungIn = operation;
    this.#hung += 1;
    const back = (): void => {
      this.#hung -= 1;
    };
    running.then(back, back);
  }

  #tell(operation: string, outcome: Sample['outcome'], errno: string | null, ms: number): void {
    this.#say({ volume: this.#mount.name, operation, outcome, errno, ms: Math.round(ms * 1_000) / 1_000 });
  }
}
