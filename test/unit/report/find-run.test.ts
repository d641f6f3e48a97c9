import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRun } from '../../../src/report/find-run.js';

let reports = '';
const OLD = '2026-11-20T10-00-00-1abcde';
const NEW = '2026-11-27T10-00-00-1abcde';

beforeAll(() => {
  reports = mkdtempSync(join(tmpdir(), 'nobounce-find-'));
  for (const [scenario, id] of [
    ['stall', OLD],
    ['stall', NEW],
    ['refuse', '2026-11-26T10-00-00-1abcde'],
  ] as const) {
    mkdirSync(join(reports, scenario, id), { recursive: true });
    writeFileSync(join(reports, scenario, id, id === OLD ? 'history.jsonl.gz' : 'history.jsonl'), '');
  }
  symlinkSync(OLD, join(reports, 'stall', 'latest'));
  mkdirSync(join(reports, 'empty', 'x'), { recursive: true });
});

afterAll(() => {
  rmSync(reports, { recursive: true });
});

describe('a saved run', () => {
  it('is found by its folder, by its scenario, or as the newest of all', () => {
    expect(findRun(join(reports, 'stall', OLD), reports)).toBe(join(reports, 'stall', OLD));
    expect(findRun(join(reports, 'stall', 'latest'), reports)).toBe(join(reports, 'stall', 'latest'));
    expect(findRun('refuse', reports)).toBe(join(reports, 'refuse', '2026-11-26T10-00-00-1abcde'));
    expect(findRun('stall', reports)).toBe(join(reports, 'stall', NEW));
    expect(findRun(join(reports, 'stall'), 'elsewhere')).toBe(join(reports, 'stall', NEW));
    expect(findRun(undefined, reports)).toBe(join(reports, 'stall', NEW));
  });

  it('that is not there is said by name', () => {
    expect(() => findRun('empty', reports)).toThrow('there is no run "empty"');
    expect(() => findRun('nothing', reports)).toThrow('there is no run "nothing"');
    expect(() => findRun(undefined, join(reports, 'empty'))).toThrow('there is no run in');
    expect(() => findRun(undefined, join(reports, 'nowhere'))).toThrow('there is no run in');
  });
});
