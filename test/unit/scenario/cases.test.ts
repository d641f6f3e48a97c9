import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { readScenario, scenarioWarnings } from '../../../src/scenario/load.js';
import { planScenario } from '../../../src/scenario/plan.js';
import { formatProblem } from '../../../src/scenario/problem.js';
import { loadStack, stackLimits } from '../../../src/stack/definition.js';

function refusal(file: string): readonly string[] {
  try {
    readScenario(`test/cases/${file}`);
  } catch (error) {
    if (error instanceof NobounceError && error.kind === 'usage') return error.message.split('\n');
    throw error;
  }
  throw new Error(`${file} was taken`);
}

function place(file: string, what: string): string {
  const lines = readFileSync(`test/cases/${file}`, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes(what));
  return `test/cases/${file}:${String(line + 1)}:${String((lines[line]?.indexOf(what) ?? -1) + 1)}`;
}

describe('a case from the field', () => {
  it('clock-back: is told that clocks only go forward here, and why', () => {
    const [problem, ...others] = refusal('clock-back.yaml');
    expect(problem).toContain(`${place('clock-back.yaml', '-90s')}: clocks only go forward here`);
    expect(problem).toContain('need not survive a step back');
    expect(problem).toContain('got "-90s"');
    expect(others).toEqual([]);
  });

  it('misspelt-inject: is told the keys that are wrong, what may stand there, and the one that is missing', () => {
    const file = 'misspelt-inject.yaml';
    const problems = refusal(file).join('\n');
    expect(problems).toContain(`${place(file, 'path')}: unknown key "path"; known: fault, volume`);
    expect(problems).toContain('"volume" is missing');
    expect(problems).not.toContain('steady');
    expect(problems).not.toContain('"inject"');
  });

  it('big-mail: is told of the limit of the stack that will refuse it, at its place', () => {
    const file = 'test/cases/big-mail.yaml';
    const stack = loadStack('postfix-dovecot', 'stacks');
    const [problem] = scenarioWarnings(readScenario(file), stackLimits(stack)).map(formatProblem);
    expect(problem).toContain(
      `${place('big-mail.yaml', '25 MB }')}: every message is larger than the 20 MiB`,
    );
    expect(problem).toContain('552');
  });

  it('big-mail-fits: is told nothing of the kind', () => {
    const loaded = readScenario('test/cases/big-mail-fits.yaml');
    const told = scenarioWarnings(loaded, stackLimits(loadStack('postfix-dovecot', 'stacks')));
    expect(told.map(formatProblem).join('\n')).not.toContain('larger than');
  });

  it.each([
    ['inodes-gone', 'ENOSPC'],
    ['no-hard-links', 'EOPNOTSUPP'],
  ])('%s: is taken, and %s is what must be felt', (name, errno) => {
    const planning = planScenario(readScenario(`test/cases/${name}.yaml`).scenario);
    const steps = planning.ok ? planning.plan.steps : [];
    const faults = steps.flatMap((step) => (step.kind === 'inject' ? step.faults : []));
    expect(faults.map(({ description }) => description.feeling)).toEqual([
      { kind: 'errno', errnos: [errno], probability: 1 },
    ]);
  });
});
