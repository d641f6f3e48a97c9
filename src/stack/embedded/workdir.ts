import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDeadline } from '../../errors/deadline.js';
import { errnoOf } from './storage-error.js';

const PREFIX = 'nobounce-embedded-';
const SOCKET = 'lease.sock';
const BOOT = 'boot-id';
const KEPT = 'kept';
/** sockaddr_un(7), `sun_path`, without the final null. */
const LONGEST_SOCKET_PATH = 107;
const CONNECT_TIMEOUT_MS = 2_000;
/** Between making a folder and listening in it a run is neither here nor there. */
const TAKING_MS = 60_000;

/** Tells one boot of one kernel from all others: a socket's file says nothing of a listener on another machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** A path of the lease's socket that is short enough for the system: by way of the folder's descriptor where it is not. */
function socketPath(dir: string): { readonly path: string; readonly close: () => void } {
  const path = join(dir, SOCKET);
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return { path, close: () => undefined };
  const folder = openSync(dir, 'r');
  const close = (): void => {
    closeSync(folder);
  };
  return { path: `/proc/self/fd/${String(folder)}/${SOCKET}`, close };
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** A folder for one run, with what says that the run is alive. */
export interface WorkDir {
  readonly path: string;
  /** Lets go of it: from here on the run counts as dead. */
  readonly release: () => void;
}

/**
 * Makes a folder for one run. Whether anybody still needs it is told by a socket in it: the kernel lets a connection
 * through for as long as its listener lives, from whatever namespace of processes one asks, and no longer.
 * @param keep no other run may sweep it; `nobounce clean` may.
 */
export async function makeWorkDir(keep: boolean): Promise<WorkDir> {
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  await writeFile(join(path, BOOT), bootId());
  if (keep) await writeFile(join(path, KEPT), '');
  const socket = socketPath(path);
  const server = await listen(socket.path);
  return {
    path,
    release: () => {
      server.close(socket.close);
    },
  };
}

/** A folder that some run made. */
export interface FoundWorkDir {
  readonly path: string;
  /** `unknown`: another user's, another machine's, or of a nobounce before 0.2. */
  readonly state: 'living' | 'dead' | 'unknown';
  /** It was left on purpose. */
  readonly isKept: boolean;
}

async function stateOf(path: string): Promise<FoundWorkDir['state']> {
  try {
    const { mtimeMs } = await stat(path);
    const made = await readFile(join(path, BOOT), 'utf8').catch(() => null);
    if (made === null) return Date.now() - mtimeMs < TAKING_MS ? 'living' : 'unknown';
    if (made !== bootId()) return 'unknown';
    const answer = await knock(path);
    if (answer === null) return 'living';
    if (answer === 'ENOENT') return Date.now() - mtimeMs < TAKING_MS ? 'living' : 'dead';
    return answer === 'ECONNREFUSED' ? 'dead' : 'unknown';
  } catch {
    // Another user's, or gone meanwhile.
    return 'unknown';
  }
}

/** Null where somebody listens, else the errno's name. */
function knock(dir: string): Promise<string | null> {
  const { path, close } = socketPath(dir);
  const socket = createConnection(path);
  const answer = new Promise<string | null>((resolve) => {
    socket.once('connect', () => {
      resolve(null);
    });
    socket.once('error', (error) => {
      resolve(errnoOf(error));
    });
  });
  return withDeadline(answer, CONNECT_TIMEOUT_MS, 'a knock at a lease')
    .catch(() => 'ETIMEDOUT')
    .finally(() => {
      socket.destroy();
      close();
    });
}

/** Every folder that a run has made on this machine. */
export async function listWorkDirs(): Promise<readonly FoundWorkDir[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  return Promise.all(
    names.map(async (name) => {
      const path = join(tmpdir(), name);
      return { path, state: await stateOf(path), isKept: existsSync(join(path, KEPT)) };
    }),
  );
}

/** Removes such folders; one that another sweep was faster with is as good as removed. */
export async function removeWorkDirs(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}

/** Removes what dead runs left, but for what was kept on purpose. */
export async function sweepWorkDirs(): Promise<void> {
  const dead = (await listWorkDirs()).filter(({ state, isKept }) => state === 'dead' && !isKept);
  await removeWorkDirs(dead.map(({ path }) => path));
}
