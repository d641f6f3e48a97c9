import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { NewEvent } from '../history/event.js';

const LOOK_EVERY_MS = 100;
const RECORD_EVERY_MS = 1_000;
const LOAD_FILE = '/proc/loadavg';

/**
 * Records once a second how the machine keeps up: how late the harness's own timers are, and how many tasks want to run
 * for each core. Returns what ends it.
 */
export function watchMachine(
  record: (event: NewEvent) => void,
  runnableTasks: () => number | null = readRunnableTasks,
): () => void {
  const cores = availableParallelism();
  let lookedMs = performance.now();
  let recordedMs = lookedMs;
  let lateMs = 0;
  let looks = 0;
  let tasks: number | null = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lateMs = Math.max(lateMs, nowMs - lookedMs - LOOK_EVERY_MS);
    lookedMs = nowMs;
    const seen = runnableTasks();
    tasks = seen === null || tasks === null ? null : tasks + seen;
    looks += 1;
    if (nowMs - recordedMs < RECORD_EVERY_MS) return;
    const tasksPerCore = tasks === null ? null : tasks / looks / cores;
    record({ type: 'machine.sampled', lateMs: Math.round(lateMs), tasksPerCore: rounded(tasksPerCore) });
    recordedMs = nowMs;
    lateMs = 0;
    looks = 0;
    tasks = 0;
  }, LOOK_EVERY_MS).unref();
  return () => {
    clearInterval(timer);
  };
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 100) / 100);

/** The scheduler's runnable tasks: the number before the slash in proc_loadavg(5); null where there is no such file. */
function readRunnableTasks(): number | null {
  try {
    const [, runnable] = /(\d+)\//.exec(readFileSync(LOAD_FILE, 'latin1')) ?? [];
    return runnable === undefined ? null : Number(runnable);
  } catch {
    // Only Linux has it; elsewhere the lateness of the timers has to do.
    return null;
  }
}
