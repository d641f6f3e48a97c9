import type { MtaDialect } from './dialect.js';
import { postfix } from './postfix.js';

/** Every dialect that a stack can name, one file each. */
export const DIALECTS = { postfix } as const satisfies Readonly<Record<string, MtaDialect>>;
export type DialectName = keyof typeof DIALECTS;

/** Whether a stack may name it. */
export function isDialect(name: unknown): name is DialectName {
  return typeof name === 'string' && Object.hasOwn(DIALECTS, name);
}
