import { NobounceError } from './errors.js';

/** What this process or this machine has run out of (errno(3)): no server and no network did it. */
const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);
/** As Node.js words it: `connect EMFILE 127.0.0.1:25`, `spawn … EMFILE`. A reply never begins so. */
const SAID = /^(?:connect|bind|open|socket|getaddrinfo|spawn \S+) (E[A-Z]+)\b/;

function property(error: object, name: string): unknown {
  return Object.entries(Object.getOwnPropertyDescriptors(error)).find(([key]) => key === name)?.[1].value;
}

/** What this machine ran out of, by its errno's name, where an error or one of its causes says so; else null. */
function shortageIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const named = [property(error, 'code'), SAID.exec(error.message)?.[1]];
  const found = named.find((name) => typeof name === 'string' && SHORTAGES.has(name));
  if (typeof found === 'string') return found;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  for (const cause of inner) {
    const shortage = shortageIn(cause);
    if (shortage !== null) return shortage;
  }
  return null;
}

/** A harness error where `error` says that this machine ran out of something, which no mail stack did; else null. */
export function shortageError(what: string, error: unknown): NobounceError | null {
  const shortage = shortageIn(error);
  if (shortage === null) return null;
  return new NobounceError('harness', `this machine has nothing left for ${what} (${shortage})`, {
    cause: error,
    advice: 'see `ulimit -a`, above all the number of open files, and how much memory is left',
  });
}
