import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { readScenario } from '../../../src/scenario/load.js';

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
});
