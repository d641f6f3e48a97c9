import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf } from '../storage-error.js';
import type { QueueEntry } from '../../../mta/dialect.js';

const address = z.object({ original: z.string() });
/** The header of a queue file (Haraka `outbound/todo.js`). */
const todo = z.object({ uuid: z.string(), mail_from: address, rcpt_to: z.array(address) });
type Todo = z.output<typeof todo>;

const MAX_HEADER_BYTES = 1024 * 1024;

function bare(original: string): string {
  return original.replace(/^<(.*)>$/, '$1');
}

/** The header: its length as u32, big endian, then JSON (Haraka `outbound/index.js`, build_todo). */
async function readTodo(path: string): Promise<Todo> {
  const file = await open(path, 'r');
  try {
    const length = Buffer.alloc(4);
    await file.read(length, 0, 4, 0);
    const header = Buffer.alloc(Math.min(length.readUInt32BE(0), MAX_HEADER_BYTES));
    await file.read(header, 0, header.length, 4);
    return todo.parse(JSON.parse(header.toString()));
  } finally {
    await file.close();
  }
}

/**
 * Lists Haraka's queue from its files. A file's name is `arrival_next_attempts_pid_unique_counter_host` (Haraka
 * `outbound/qfile.js`) and changes with every attempt, so a listing is not atomic: a message can be missing from one.
 */
export class QueueFolder {
  readonly #dir: string;
  /** Headers by the part of the name that stays; a file is read once. */
  #known = new Map<string, Todo>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** `reasonOf`: the last reason the MTA gave for a queue id's recipient. */
  async list(reasonOf: (queueId: string) => string): Promise<readonly QueueEntry[]> {
    const known = new Map<string, Todo>();
    const entries: QueueEntry[] = [];
    for (const name of await readdir(this.#dir)) {
      const [arrival, , attempts, , unique] = name.split('_');
      if (arrival === undefined || unique === undefined || !/^\d+$/.test(arrival)) continue;
      const key = `${arrival} ${unique}`;
      const header = this.#known.get(key) ?? (await this.#read(name));
      if (header === undefined) continue;
      known.set(key, header);
      const reason = reasonOf(header.uuid);
      entries.push({
        queueId: header.uuid,
        queue: attempts === '0' ? 'active' : 'deferred',
        sender: bare(header.mail_from.original),
        recipients: header.rcpt_to.map(({ original }) => ({ address: bare(original), reason })),
      });
    }
    this.#known = known;
    return entries;
  }

  async #read(name: string): Promise<Todo | undefined> {
    try {
      return await readTodo(join(this.#dir, name));
    } catch (error) {
      // Delivered, or renamed for its next attempt, since the folder was read.
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
