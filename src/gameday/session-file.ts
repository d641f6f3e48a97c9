import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { NobounceError } from '../errors/errors.js';

const schema = z.object({ url: z.url(), token: z.string(), pid: z.number() });

/** How another shell of the same person reaches the day that is going on. */
export type Session = z.output<typeof schema>;

const folder = (): string => join(tmpdir(), `nobounce-gameday-${String(userInfo().uid)}`);
const file = (): string => join(folder(), 'session.json');

/** Readable by this person alone: it holds the operator's token. */
export async function writeSession(session: Session): Promise<void> {
  await mkdir(folder(), { recursive: true, mode: 0o700 });
  await chmod(folder(), 0o700);
  await writeFile(file(), JSON.stringify(session), { mode: 0o600 });
}

/** Takes it away, unless another day has written its own by now. */
export async function removeSession({ token }: Session): Promise<void> {
  const current = await readSession().catch(() => null);
  if (current?.token === token) await rm(folder(), { recursive: true, force: true });
}

/** @throws NobounceError `usage` where no day is going on. */
export async function readSession(): Promise<Session> {
  try {
    return schema.parse(JSON.parse(await readFile(file(), 'utf8')));
  } catch (cause) {
    throw new NobounceError('usage', 'no game day of yours is going on here', {
      cause,
      advice: 'start one with: nobounce gameday',
    });
  }
}
