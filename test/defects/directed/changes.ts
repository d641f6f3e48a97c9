import type { CheckName } from '../../../src/scenario/limits.js';
import type { Edit } from './edit.js';

/** One thing that is wrong with a run that was good. */
export interface Change {
  readonly name: string;
  readonly edit: Edit;
  /** One of these must say so; empty where any may. */
  readonly checks: readonly CheckName[];
  /** A broken promise that was seen: the verdict is fail. */
  readonly fails: boolean;
}

export function wrong(name: string, edit: Edit, ...checks: readonly CheckName[]): Change {
  return { name, edit, checks, fails: false };
}

export function broken(name: string, edit: Edit, ...checks: readonly CheckName[]): Change {
  return { name, edit, checks, fails: true };
}
