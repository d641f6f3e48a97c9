import { NobounceError } from '../../errors/errors.js';
import { run, type Runnable } from './exec.js';

const LOOK_TIMEOUT_MS = 10_000;

/** The mount points in a mount table, /proc/self/mountinfo (proc(5)). */
export function mountPoints(table: string): ReadonlySet<string> {
  return new Set(table.split('\n').flatMap((line) => line.split(' ')[4] ?? []));
}

/**
 * Looks at what a container itself sees.
 * @throws NobounceError (`environment`) that names the service.
 */
export async function requireMounts(
  container: Runnable,
  service: string,
  wanted: { readonly volumesAt: string; readonly volumes: readonly string[]; readonly isMounted: boolean },
): Promise<void> {
  const { volumesAt, volumes, isMounted } = wanted;
  const points = mountPoints(await run(container, service, ['cat', '/proc/self/mountinfo'], LOOK_TIMEOUT_MS));
  const wrong = volumes.filter((volume) => points.has(`${volumesAt}/${volume}`) !== isMounted);
  if (wrong.length === 0) return;
  const sees = isMounted ? 'does not see the mount of' : 'still sees the mount of';
  throw new NobounceError('environment', `the service ${service} ${sees} ${wrong.join(', ')}`, {
    advice: 'mounts do not propagate between the containers of this engine: see docs/stacks.md',
  });
}
