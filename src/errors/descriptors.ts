import { readFileSync } from 'node:fs';
import { NobounceError } from './errors.js';

/** How many files this process may have open (getrlimit(2), RLIMIT_NOFILE); Infinity where the system does not say. */
function mostOpenFiles(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    // Without /proc; there Node.js raises the limit as far as it goes.
    return Infinity;
  }
}

/** Throws a harness error, before anything is started, where this process may not open as many files as `what` needs. */
export function requireOpenFiles(needed: number, what: string): void {
  const most = mostOpenFiles();
  if (most >= needed) return;
  throw new NobounceError(
    'harness',
    `${what} needs ${String(needed)} open files at once, and this process may open ${String(most)}`,
    { advice: `raise the limit, such as by \`ulimit -n ${String(Math.max(4_096, needed))}\`` },
  );
}
