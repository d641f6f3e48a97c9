import { safeJson, visibleLines } from '../report/safe-text.js';

/** Writes lines to standard output; what came from outside is made visible. */
export function print(lines: string): void {
  process.stdout.write(`${visibleLines(lines)}\n`);
}

/** Writes a value to standard output as JSON that can be shown as well as parsed. */
export function printJson(value: unknown): void {
  process.stdout.write(`${safeJson(value)}\n`);
}

/** Writes lines to standard error; what came from outside is made visible. */
export function complain(lines: string): void {
  process.stderr.write(`${visibleLines(lines)}\n`);
}
