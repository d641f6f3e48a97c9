import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marked } from 'marked';
import { beforeAll, describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/report/github.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { goodHistory } from '../../support/good-history.js';
import { brokenHistory, lossyHistory, savedRun } from '../../support/saved-run.js';

class Lines {
  readonly lines: string[] = [];

  write(text: string): void {
    this.lines.push(...text.split('\n').filter((line) => line !== ''));
  }
}

describe('the GitHub reporter', () => {
  let good: RunReport;
  let lossy: RunReport;
  beforeAll(async () => {
    good = await savedRun(goodHistory());
    lossy = await savedRun(lossyHistory());
  });

  it('annotates each broken promise at its place in the scenario file', () => {
    const out = new Lines();
    new GitHub(out, undefined).ended(lossy);
    const failed = lossy.judgement.checks.filter(({ verdict }) => verdict === 'fail');
    expect(out.lines.filter((line) => line.startsWith('::error '))).toHaveLength(failed.length);
    const line = out.lines.find((text) => text.includes('no-loss fail'));
    const at = lossy.scenarioSource.split('\n').findIndex((text) => text.includes('no-loss')) + 1;
    expect(line).toContain(`,line=${at},`);
    // A command is one line: what comes from mail cannot start another.
    expect(
      out.lines.every((text) => /^::(?:error|warning) file=[^,]+,line=\d+,title=[^:]+::/.test(text)),
    ).toBe(true);
  });

  it('says nothing of a run that kept every promise', () => {
    const out = new Lines();
    new GitHub(out, undefined).ended(good);
    expect(out.lines).toEqual([]);
  });

  it('annotates the harness alone where no run began', async () => {
    const out = new Lines();
    new GitHub(out, undefined).ended(await savedRun(brokenHistory()));
    expect(out.lines).toEqual([expect.stringContaining('an image will not build')]);
  });

  it('writes a summary that renders to the tables and the sentence, and in which mail stays text', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'nobounce-summary-')), 'summary.md');
    await new GitHub(new Lines(), file).finished([good, lossy]);
    const page = await marked.parse(await readFile(file, 'utf8'), { gfm: true });
    expect(page.match(/<table>/g)?.length).toBeGreaterThanOrEqual(5);
    expect(page).toContain('did not keep its mail safe');
    expect(page).toContain('<td>no-loss</td>');
    expect(page).not.toMatch(/<script|<img|\|/);
    expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
    // No address becomes a link or a call for a person.
    expect(page).not.toMatch(/href="mailto:|[^;]@outside/);
  });
});
