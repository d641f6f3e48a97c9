import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'nobounce-embedded-';

/** When a process was started, in clock ticks since boot (proc_pid_stat(5), field 22); tells reused pids apart. */
function startTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    // No such process, or no /proc on this system.
    return '0';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A folder for one run, named after this process, so that a later run can tell whether anybody still needs it. */
export function makeWorkDir(): Promise<string> {
  const owner = `${String(process.pid)}-${startTicks(process.pid)}`;
  return mkdtemp(join(tmpdir(), `${PREFIX}${owner}-`));
}

/** Removes the folders of runs whose process is no more; those of others on this machine are left alone. */
export async function sweepWorkDirs(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid, ticks] = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || (isAlive(Number(pid)) && startTicks(Number(pid)) === ticks)) continue;
    // Another user's folder cannot be removed, and another sweep may be faster: neither is this run's trouble.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
