import type { RunReport } from './reporter.js';

/**
 * Which stack a scenario names, where another one was tested. A stack of its own is named by a path, and its name stands in
 * its `stack.yaml` alone: of such a scenario nobody can say.
 */
export function insteadOf(asked: string | null, tested: string): RunReport['insteadOf'] {
  if (asked === null) return null;
  const isPath = /[/\\]/.test(asked) || asked.startsWith('.');
  return isPath || asked === tested
    ? null
    : { of: asked, because: 'another stack was asked for, or no engine answered' };
}
