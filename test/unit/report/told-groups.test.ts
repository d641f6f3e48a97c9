import { beforeAll, describe, expect, it } from 'vitest';
import { agentText } from '../../../src/report/agent.js';
import { GitHub } from '../../../src/report/github.js';
import { runPage } from '../../../src/report/html-file.js';
import { junitXml } from '../../../src/report/junit.js';
import { runMarkdown } from '../../../src/report/markdown.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { readSavedRun } from '../../../src/report/saved-run.js';
import { tap } from '../../../src/report/tap.js';
import { Terminal } from '../../../src/report/terminal.js';
import { findingsBehind, toldGroups } from '../../../src/report/told-groups.js';

let run: RunReport;
beforeAll(async () => {
  run = await readSavedRun('reports/sample/mount-lost');
});

function written(act: (out: { write(text: string): unknown }) => void): string {
  let output = '';
  act({ write: (text) => (output += text) });
  return output;
}

const REPORTERS: Readonly<Record<string, (report: RunReport) => string | Promise<string>>> = {
  terminal: (report) =>
    written((out) => {
      new Terminal(out, { colour: false, links: false }).ended(report);
    }),
  markdown: runMarkdown,
  github: (report) =>
    written((out) => {
      new GitHub(out, undefined).ended(report);
    }),
  junit: (report) => junitXml([report]),
  tap: (report) => tap([report]),
  agent: agentText,
  html: runPage,
};

/** One line, and without what each format writes of its own. */
const plain = (text: string): string =>
  text
    .replace(/&#58;/g, ':')
    .replace(/\\([()#.-])/g, '$1')
    .replace(/\s+/g, ' ');

describe.each(Object.entries(REPORTERS))('the reporter %s', (_, reporter) => {
  it('tells 57 lost messages in one sentence, why they were probably lost, and that another check means the same', async () => {
    const text = plain(await reporter(run));
    expect(text).toContain(
      '57 messages to gold, accepted 11.4–26.4 s: seen in the mailbox, then gone; the files lie under the mount point',
    );
    expect(text).toContain('57 messages to gold, accepted 11.4–26.4 s: not in the mailbox (lost)');
    expect(text).toContain('the same messages as no-loss');
    expect(text).toContain('the bare mount point can be written to');
    expect(text).toContain('root with mode 0555');
  });

  it('tells the stories of three of them at most', async () => {
    const text = await reporter(run);
    const ids = new Set(
      run.judgement.checks
        .flatMap(({ findings }) => findings.flatMap(({ messages }) => messages.slice(0, 1)))
        .filter((id) => text.includes(`--explain ${id}`)),
    );
    expect(ids.size).toBeLessThanOrEqual(3);
  });
});

describe('the kinds of a check as they are told', () => {
  it('hold all its findings, and tell three of each in full unless another check did', () => {
    const { checks } = run.judgement;
    for (const check of checks) {
      const groups = toldGroups(check, checks);
      expect(findingsBehind(groups, 0)).toBe(check.findings.length + check.moreFindings);
      for (const { first, rest, count } of groups) {
        expect(first.length).toBeLessThanOrEqual(3);
        expect(first.length + rest.length).toBeLessThanOrEqual(count);
      }
    }
    const later = checks.find(({ name }) => name === 'delivered-after-recovery');
    const [group] = later === undefined ? [] : toldGroups(later, checks);
    expect([group?.first.length, group?.rest.length, group?.count]).toEqual([0, 50, 57]);
  });
});
