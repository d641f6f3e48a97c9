/**
 * The exit codes of the command line, a contract with pipelines (README.md).
 * A harness error is never confused with a failed promise of the mail stack.
 */
export const EXIT_CODE = {
  pass: 0,
  fail: 1,
  inconclusive: 2,
  usage: 3,
  environment: 4,
  harness: 5,
  interrupted: 130,
} as const;

export type ErrorKind = 'usage' | 'environment' | 'harness' | 'interrupted';

/**
 * An error that tells a person what went wrong, why, and what to do about it.
 * `kind` decides the exit code: `usage` 3, `environment` 4, `harness` 5, `interrupted` 130.
 */
export class NobounceError extends Error {
  readonly kind: ErrorKind;
  /** What the person can do now, in the imperative; shown on a line of its own. */
  readonly advice: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NobounceError';
    this.kind = kind;
    this.advice = options.advice;
  }

  get exitCode(): number {
    return EXIT_CODE[this.kind];
  }
}

/** The message of anything thrown, errors or not, with the chain of causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' ? error.name : error.message;
  return error.cause === undefined ? own : `${own} (because: ${describeError(error.cause)})`;
}
