import { describe, expect, it } from 'vitest';
import { rerunCommand } from '../../../src/drill/rerun.js';

const ASKED = {
  scenarioFile: 'scenarios/stall.yaml',
  stack: null,
  driver: null,
  seed: 7,
  reportDir: 'reports',
  toxiproxy: undefined,
};

describe('the command that runs it again', () => {
  it('says no more than was asked for', () => {
    expect(rerunCommand(ASKED)).toBe('npx nobounce run scenarios/stall.yaml --seed 7');
  });

  it('says all that was asked for, as a shell takes it', () => {
    const all = {
      ...ASKED,
      scenarioFile: 'my drills/stall.yaml',
      stack: 'embedded',
      driver: 'embedded',
      reportDir: 'my reports',
      toxiproxy: 'builtin',
    };
    expect(rerunCommand(all)).toBe(
      "npx nobounce run 'my drills/stall.yaml' --stack embedded --driver embedded --seed 7 --report-dir 'my reports' --toxiproxy builtin",
    );
  });
});
