import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { NobounceError } from '../errors/errors.js';
import { connectEngine, IMAGE_PREFIX } from '../stack/docker/engine.js';
import { listRuns, removeImages, removeLeft } from '../stack/docker/leftovers.js';
import { listRunFolders, removeRunFolders } from '../stack/docker/run-folders.js';
import { engineFolder } from '../stack/docker/shared-folder.js';
import { listWorkDirs, removeWorkDirs } from '../stack/embedded/workdir.js';

/** What `nobounce clean` was asked for. */
interface Asked {
  readonly all?: true | undefined;
  readonly images?: true | undefined;
}

/** What one run left, or needs. */
interface Found {
  readonly isDead: boolean;
  /** For people: which run, and what there is of it. */
  readonly title: string;
  readonly names: readonly string[];
  readonly remove: () => Promise<void>;
}

async function embeddedRuns(): Promise<readonly Found[]> {
  return (await listWorkDirs()).map(({ path, state }) => ({
    isDead: state === 'dead',
    title: `an embedded run in ${path}${state === 'unknown' ? ' (it cannot be told whether it lives)' : ''}`,
    names: [path],
    remove: () => removeWorkDirs([path]),
  }));
}

async function dockerRuns(): Promise<readonly Found[]> {
  const client = await connectEngine();
  const shared = await engineFolder(client);
  // In this order: a lease is taken before a folder is made, so whose folder is seen has its lease among what follows.
  const folders = await listRunFolders(client, shared);
  const runs = await listRuns(client);
  const orphans = folders.filter((folder) => !runs.some(({ run }) => run === folder));
  const ofRuns = runs.map(({ run, things, state }) => ({
    isDead: state === 'dead',
    title: `run ${run}: ${things.map(({ name }) => name).join(', ')}${
      state === 'unknown' ? ' (of an older nobounce: it cannot be told whether it lives)' : ''
    }`,
    names: things.map(({ name }) => name),
    remove: async () => {
      await removeLeft(client, { run, things }, folders.includes(run) ? shared : undefined);
    },
  }));
  const ofNobody = orphans.map((run) => ({
    isDead: true,
    title: `the mount points of the run ${run} in ${shared}`,
    names: [`${shared}/${run}`],
    remove: () => removeRunFolders(client, shared, [run]),
  }));
  return [...ofRuns, ...ofNobody];
}

/** Whether the person at the terminal wants runs to be ended that go on. @throws NobounceError (`usage`) where there is none. */
async function mayEnd(living: readonly Found[]): Promise<boolean> {
  const list = living.map(({ title }) => `  ${title}\n`).join('');
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new NobounceError('usage', `--all would end what is alive:\n${list.trimEnd()}`, {
      advice:
        'it asks before it does, which needs a terminal; without --all only what dead runs left is removed',
    });
  }
  stdout.write(`alive:\n${list}`);
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    const answer = await terminal.question('End them, and remove all of it? Their runs will fail. [y/N] ');
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

async function removeAll(found: readonly Found[]): Promise<void> {
  for (const { names, remove } of found) {
    await remove();
    for (const name of names) stdout.write(`removed ${name}\n`);
  }
}

/** Removes what dead runs left, and what belongs to living ones where that is wanted. */
export async function removeLeftovers({ all, images }: Asked): Promise<void> {
  // What the embedded stack of a killed run left needs no engine to be found.
  const embedded = await embeddedRuns();
  const isAsked = all === true;
  if (!isAsked) await removeAll(embedded.filter(({ isDead }) => isDead));
  const found = [...embedded, ...(await dockerRuns())];
  const living = found.filter(({ isDead }) => !isDead);
  const ending = isAsked && living.length > 0 && (await mayEnd(living));
  const dead = (isAsked ? found : found.slice(embedded.length)).filter(({ isDead }) => isDead);
  await removeAll([...dead, ...(ending ? living : [])]);
  const removed = images === true ? await removeImages(await connectEngine(), IMAGE_PREFIX) : null;
  for (const name of removed?.removed ?? []) stdout.write(`removed ${name}\n`);
  for (const name of removed?.used ?? []) stdout.write(`left ${name}: a container uses it\n`);
  if (!ending) for (const { title } of living) stdout.write(`left alone, alive: ${title}\n`);
  if (found.length === 0 && removed === null) stdout.write('nothing to remove\n');
}
