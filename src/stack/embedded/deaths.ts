import type { ServiceDeath, ServiceRole, Watch, WatchListener } from '../stack.js';
import type { Exit } from './child.js';
import { stopped } from './stopped.js';

/** Signals that a process gets from itself when it fails; the others come from outside. */
const OWN_SIGNALS: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
  'SIGSYS',
]);

const ROLES: readonly ServiceRole[] = ['store', 'mta', 'array', 'toxiproxy', 'outside'];

/** Which processes of a stack ended although nobody here had killed them. */
export class Deaths {
  readonly #seen: ServiceDeath[] = [];
  readonly #listeners = new Set<(death: ServiceDeath) => void>();

  add(service: string, { code, signal, outOfMemory }: Exit): void {
    // An array is called after its volume.
    const role = ROLES.find((known) => service === known || service.startsWith(`${known}-`)) ?? 'outside';
    const ownWay = outOfMemory ? 'out-of-memory' : 'itself';
    const cause = signal === null || OWN_SIGNALS.has(signal) ? ownWay : 'killed';
    const death = { service, role, exitCode: code, cause } as const;
    this.#seen.push(death);
    for (const listener of this.#listeners) listener(death);
  }

  /** Those that were before are told first. */
  watch({ next }: WatchListener<ServiceDeath>): Promise<Watch> {
    for (const death of this.#seen) next(death);
    this.#listeners.add(next);
    return Promise.resolve(stopped(() => this.#listeners.delete(next)));
  }
}
