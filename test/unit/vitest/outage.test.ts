import { beforeAll, describe, expect, it } from 'vitest';
import { outage } from '../../../src/vitest/index.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { goodHistory } from '../../support/good-history.js';
import { brokenHistory, lossyHistory, savedRun } from '../../support/saved-run.js';

const good = await savedRun(goodHistory());
const drill = outage('vendor-os-bug', { savedRun: good.dir });

describe('a saved run as a suite', () => {
  it('has its report when its tests have run', () => {
    expect(drill.run.judgement.verdict).toBe('pass');
    expect(drill.run.id).toBe(good.id);
  });
});

describe('matchers', () => {
  let lossy: RunReport;
  let broken: RunReport;
  beforeAll(async () => {
    lossy = await savedRun(lossyHistory());
    broken = await savedRun(brokenHistory());
  });

  it('hold for a run that kept every promise', () => {
    expect(good).toHaveLostNothing();
    expect(good).toHaveBouncedNothing();
    expect(good).toHaveRejectedNothing();
    expect(good).toHaveDuplicatedNothing();
    expect(good).toHaveDeliveredEverything();
    expect(good).toHaveRecoveredWithin('60s');
    expect(good).not.toHaveRecoveredWithin('1ms');
    expect(good).toHaveKept('no-loss');
  });

  it('fail for a run that lost mail, and say how much and where to read of it', () => {
    expect(lossy).not.toHaveKept('no-loss');
    expect(() => {
      expect(lossy).toHaveLostNothing();
    }).toThrow(/^12 messages lost .*\nreport: .*report\.html$/);
    expect(lossy).not.toHaveDeliveredEverything();
  });

  it('never hold for a run in which nothing was accepted', () => {
    expect(broken).not.toHaveLostNothing();
    expect(broken).not.toHaveBouncedNothing();
    expect(broken).not.toHaveDeliveredEverything();
    expect(broken).not.toHaveRecoveredWithin('60s');
  });

  it('refuse a limit that is no duration', () => {
    expect(() => {
      expect(good).toHaveRecoveredWithin('30');
    }).toThrow(/is no duration/);
  });
});
