import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { agentText } from '../../../src/report/agent.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { tap } from '../../../src/report/tap.js';
import { goodHistory } from '../../support/good-history.js';
import { brokenHistory, lossyHistory, savedRun } from '../../support/saved-run.js';

let good: RunReport;
let lossy: RunReport;
let broken: RunReport;
beforeAll(async () => {
  good = await savedRun(goodHistory());
  lossy = await savedRun(lossyHistory());
  broken = await savedRun(brokenHistory());
});

describe('the agent reporter', () => {
  it('says a pass in one line', () => {
    expect(agentText(good)).toMatch(/^pass vendor-os-bug on postfix-dovecot \(docker\): [^\n]+\n$/);
  });

  it('says what failed and why, and where to look, in few words', () => {
    const said = agentText(lossy);
    expect(said).toMatch(/^fail vendor-os-bug/);
    expect(said).toContain('fail no-loss: ');
    expect(said).toContain('--explain ');
    expect(said).toContain(`again: ${lossy.rerun}`);
    expect(said.length).toBeLessThan(4_000);
    expect(said).not.toContain('pass ');
  });

  it('says of a run that never began only why', () => {
    const lines = agentText(broken).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('inconclusive '))).toHaveLength(1);
    expect(lines).toContain('harness: the run: an image will not build');
  });
});

describe('TAP', () => {
  it('counts its points, and its diagnostics are YAML', () => {
    const lines = tap([good, lossy, broken]).split('\n');
    expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..3']);
    expect(
      lines.filter((line) => /^(?:not )?ok \d+ - /.test(line)).map((line) => line.startsWith('ok')),
    ).toEqual([true, false, false]);
    const plans = lines.flatMap((line) => /^ {4}1\.\.(\d+)$/.exec(line)?.[1] ?? []);
    const points = [good, lossy, broken].map(
      ({ judgement, failures }) => judgement.checks.length + failures.length,
    );
    expect(plans.map(Number)).toEqual(points);
    expect(lines.filter((line) => /^ {4}(?:not )?ok \d+ - /.test(line))).toHaveLength(
      points.reduce((sum, count) => sum + count),
    );
    const text = lines.join('\n');
    const blocks = [...text.matchAll(/\n {6}---\n([\s\S]*?)\n {6}\.\.\./g)];
    expect(blocks.length).toBeGreaterThan(0);
    for (const [, block = ''] of blocks) expect(parse(block)).toBeTypeOf('object');
  });
});
