import { describe, expect, it } from 'vitest';
import { drill } from './drill.js';

/** Each defect of the model store (docs/embedded.md), the fault that brings it out, and the check that must see it. */
const CASES = [
  { defect: 'loses-on-recovery', fault: 'vendor-os-bug', check: 'no-loss' },
  { defect: 'rejects-on-error', fault: 'vendor-os-bug', check: 'no-bounce' },
  { defect: 'shows-empty', fault: 'refuse', check: 'mailbox-intact' },
  { defect: 'changes-uidvalidity', fault: 'refuse', check: 'mailbox-intact' },
  { defect: 'answers-early', fault: 'vendor-os-bug', check: 'no-loss' },
  { defect: 'delivers-twice', fault: 'refuse', check: 'no-duplicates' },
] as const;

describe('a defect of the mail store turns the verdict red', () => {
  it.concurrent.each(CASES)('$defect, by $check', async ({ defect, fault, check }) => {
    const timeline = ['steady: 2s', `inject: { fault: ${fault}, volume: gold }`, 'hold: 4s', 'heal: all'];
    const env = { NOBOUNCE_STORE_DEFECT: defect };
    await drill({ name: defect, timeline, env }, ({ exitCode, output, results }) => {
      const found = results?.checks.find(({ name }) => name === check);
      expect(found?.verdict, output).toBe('fail');
      expect(found?.findings.length).toBeGreaterThan(0);
      expect(results?.verdict).toBe('fail');
      expect(exitCode).toBe(1);
      expect(output).toContain('FAIL');
    });
  });
});
