/** Every container and network of nobounce carries it; `nobounce clean` and the next run find them by it. */
const LABEL = 'org.nobounce';
export const LABEL_RUN = 'org.nobounce.run';
/** On the container that says that a run is alive (lease.ts). */
export const LABEL_LEASE = 'org.nobounce.lease';
/** On what `--keep` left running: for `nobounce clean`, and for no run to sweep. */
export const LABEL_KEPT = 'org.nobounce.kept';
/** On the lease of a run that puts mount points below a folder of the engine's machine: that folder. */
export const LABEL_SHARED = 'org.nobounce.shared';
/** Before 0.2 a label with a pid stood for a lease; whether such a run lives cannot be told from everywhere. */
export const LABEL_OWNER = 'org.nobounce.owner';

/** Finds everything of nobounce. */
export const EVERY_RUN: { readonly label: string[] } = { label: [`${LABEL}=true`] };

/** Finds everything that one run started. */
export function runFilter(run: string): { readonly label: string[] } {
  return { label: [`${LABEL_RUN}=${run}`] };
}

/** The name of a service's container, in which that of the run tells runs apart. */
export function containerName(run: string, service: string): string {
  return `nobounce-${run}-${service}`;
}

/** The labels of everything that one run starts. */
export function labels(run: string, keep: boolean): Record<string, string> {
  return { [LABEL]: 'true', [LABEL_RUN]: run, ...(keep ? { [LABEL_KEPT]: 'true' } : {}) };
}
