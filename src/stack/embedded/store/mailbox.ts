import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { FileRange } from '../array/protocol.js';
import { StorageError } from '../storage-error.js';
import type { Defect } from './defect.js';
import type { Mount } from './mount.js';

const INDEX = 'index';

/** A message as the mailbox shows it. */
export interface Entry {
  readonly uid: number;
  /** Its file in `new/`. */
  readonly file: string;
  readonly bytes: number;
  readonly flags: readonly string[];
  /** Epoch milliseconds of its delivery. */
  readonly atMs: number;
}

export interface View {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly entries: readonly Entry[];
}

const viewSchema = z.object({
  uidValidity: z.number(),
  uidNext: z.number(),
  entries: z.array(
    z.object({
      uid: z.number(),
      file: z.string(),
      bytes: z.number(),
      flags: z.array(z.string()),
      atMs: z.number(),
    }),
  ),
});

/** What a volume went through, as the store's defects need to know it. */
export class VolumeHealth {
  hadErrors = false;
  readonly struck = new Set<string>();
}

let deliveries = 0;

/** Unique on this machine, with what a mailbox must know of a file without opening it: when it came, and its size. */
function fileName(bytes: number): string {
  deliveries += 1;
  return `${String(Date.now())}.${String(deliveries)}.${randomBytes(4).toString('hex')},S=${String(bytes)}`;
}

/**
 * One mailbox on a volume: `tmp/`, `new/` as in a Maildir, and `index`, which gives each file its UID and flags. A
 * message is in the mailbox when it was written, synced and renamed into `new/`; it is visible when it has a UID.
 * The index is replaced as a whole, so that it is always an old one or a new one.
 */
export class Mailbox {
  readonly address: string;
  readonly #mount: Mount;
  readonly #folder: string;
  readonly #health: VolumeHealth;
  readonly #defect: Defect | undefined;
  #view: View | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Files whose rename got no answer, by what is in them: they may or may not be there. */
  readonly #unsettled = new Map<string, string>();

  constructor(address: string, mount: Mount, health: VolumeHealth, defect: Defect | undefined) {
    this.address = address;
    this.#mount = mount;
    this.#folder = address.split('@').reverse().join('/');
    this.#health = health;
    this.#defect = defect;
  }

  /** Makes the mailbox where it is not there yet. Throws a StorageError. */
  async provision(): Promise<void> {
    for (const folder of ['tmp', 'new']) {
      await this.#mount.perform({ op: 'mkdir', path: this.#path(folder) });
    }
    try {
      await this.#load();
    } catch (error) {
      if (!(error instanceof StorageError) || error.errno !== 'ENOENT') throw error;
      await this.#save({ uidValidity: Math.floor(Date.now() / 1_000), uidNext: 1, entries: [] });
    }
  }

  /**
   * Stores a message; when it resolves the message is on disk under its final name. Throws a StorageError; then the
   * same message given again is stored at most once, also where the array did the work and its answer was lost.
   */
  async deliver(message: Buffer): Promise<void> {
    if (this.#strikes('loses-on-recovery')) return;
    const key = createHash('sha256').update(message).digest('base64');
    const before = this.#unsettled.get(key);
    if (before !== undefined) {
      const there = await this.#noting(this.#exists(this.#path('new', before)));
      this.#unsettled.delete(key);
      if (there) return;
    }
    await this.#noting(this.#store(message, key));
    if (this.#defect === 'delivers-twice' && this.#health.hadErrors) await this.#store(message, key);
  }

  /** What is in the mailbox now. Throws a StorageError where it cannot be told. */
  list(): Promise<View> {
    return this.#exclusively(async () => {
      const view = this.#view ?? (await this.#noting(this.#load()));
      const { names } = await this.#noting(this.#mount.perform({ op: 'readdir', path: this.#path('new') }));
      const present = new Set(names);
      const missing = view.entries.find(({ file }) => !present.has(file));
      // Nothing here ever removes a message: what is missing is the volume's doing, not the owner's.
      if (missing !== undefined) throw new StorageError('readdir', 'ENOENT', this.#path('new', missing.file));
      const known = new Set(view.entries.map(({ file }) => file));
      const added = names.filter((name) => !known.has(name)).sort();
      const renumbered = this.#strikes('changes-uidvalidity');
      if (added.length === 0 && !renumbered) return view;
      const next: View = {
        uidValidity: view.uidValidity + (renumbered ? 1 : 0),
        uidNext: view.uidNext + added.length,
        entries: [...view.entries, ...added.map((file, index) => entryOf(file, view.uidNext + index))],
      };
      try {
        await this.#noting(this.#save(next));
        return next;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        // New mail gets its UIDs when they can be written down; what has one is shown meanwhile.
        process.stderr.write(`${this.address}: new mail has no UIDs yet: ${error.message}\n`);
        return view;
      }
    });
  }

  /** Throws a StorageError. */
  read(file: string, range?: FileRange): Promise<Buffer> {
    return this.#noting(this.#mount.read(this.#path('new', file), range));
  }

  /** Changes flags and writes them down. Throws a StorageError, and then nothing has changed. */
  setFlags(
    uids: ReadonlySet<number>,
    change: (flags: readonly string[]) => readonly string[],
  ): Promise<View> {
    return this.#exclusively(async () => {
      const view = this.#view ?? (await this.#load());
      const entries = view.entries.map((entry) =>
        uids.has(entry.uid) ? { ...entry, flags: change(entry.flags) } : entry,
      );
      const next = { ...view, entries };
      await this.#noting(this.#save(next));
      return next;
    });
  }

  async #store(message: Buffer, key: string): Promise<void> {
    const file = fileName(message.length);
    const tmp = this.#path('tmp', file);
    await this.#mount.writeNew(tmp, message);
    try {
      await this.#mount.perform({ op: 'rename', path: tmp, to: this.#path('new', file) });
    } catch (error) {
      if (error instanceof StorageError && error.errno === 'ENOTCONN') this.#unsettled.set(key, file);
      throw error;
    }
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#mount.perform({ op: 'open', path });
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.errno === 'ENOENT' && this.#mount.mounted) return false;
      throw error;
    }
  }

  async #load(): Promise<View> {
    const text = (await this.#mount.read(this.#path(INDEX))).toString();
    this.#view = viewSchema.parse(JSON.parse(text));
    return this.#view;
  }

  async #save(view: View): Promise<void> {
    const tmp = this.#path('tmp', fileName(0));
    await this.#mount.writeNew(tmp, Buffer.from(JSON.stringify(view)));
    // Until the rename is answered it may be the old index or the new one: it is read again.
    this.#view = undefined;
    await this.#mount.perform({ op: 'rename', path: tmp, to: this.#path(INDEX) });
    this.#view = view;
  }

  #path(...parts: readonly string[]): string {
    return [this.#folder, ...parts].join('/');
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #noting<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#health.hadErrors = true;
      throw error;
    }
  }

  /** Whether a defect strikes now: once a mailbox (once a volume for lost mail), when storage has come back. */
  #strikes(defect: Defect): boolean {
    if (this.#defect !== defect || !this.#health.hadErrors) return false;
    const what = defect === 'loses-on-recovery' ? defect : `${defect} ${this.address}`;
    if (this.#health.struck.has(what)) return false;
    this.#health.struck.add(what);
    return true;
  }
}

function entryOf(file: string, uid: number): Entry {
  const [, at = '0', bytes = '0'] = /^(\d+)\..*,S=(\d+)$/.exec(file) ?? [];
  return { uid, file, bytes: Number(bytes), flags: [], atMs: Number(at) };
}
