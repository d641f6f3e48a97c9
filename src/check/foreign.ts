import { partsOfId } from '../scenario/message-id.js';

/** The other run that a message id names; null for ids of this run, and for ids of another form. */
export function foreignRun(id: string | null, run: string | null): string | null {
  const named = id === null ? null : (partsOfId(id)?.run ?? null);
  return run === null || named === run ? null : named;
}
