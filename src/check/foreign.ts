/** What the harness's message ids look like: the run, a hyphen, a letter for the kind, a number. */
const MESSAGE_ID = /(.+)-[a-z]\d{6,}$/;

/** The other run that a message id names; null for ids of this run, and for ids of another form. */
export function foreignRun(id: string | null, run: string | null): string | null {
  const named = id?.match(MESSAGE_ID)?.[1] ?? null;
  return run === null || named === run ? null : named;
}
