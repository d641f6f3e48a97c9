import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain, storyLines } from '../../../src/check/explain.js';
import { mailboxDaysCsv } from '../../../src/check/mailbox-days.js';
import { resultsOf } from '../../../src/check/results.js';
import type { HistoryEvent } from '../../../src/history/event.js';
import { agentText } from '../../../src/report/agent.js';
import { compareRuns, comparisonText } from '../../../src/report/compare.js';
import { GitHub } from '../../../src/report/github.js';
import { runPage } from '../../../src/report/html-file.js';
import { renderComparePage } from '../../../src/report/html/compare-page.js';
import { observeCourse } from '../../../src/report/observation.js';
import { renderIndexPage } from '../../../src/report/html/index-page.js';
import { junitXml } from '../../../src/report/junit.js';
import { runMarkdown, runsMarkdown } from '../../../src/report/markdown.js';
import type { RunReport } from '../../../src/report/reporter.js';
import {
  cleaned,
  safeJson,
  safeLine,
  shellWord,
  visible,
  visibleLines,
} from '../../../src/report/safe-text.js';
import { tap } from '../../../src/report/tap.js';
import { Terminal } from '../../../src/report/terminal.js';
import { goodHistory } from '../../support/good-history.js';
import { lossyHistory, savedRun } from '../../support/saved-run.js';

/** What acts on a terminal, on a reader's eyes, or on a parser of lines; the newline aside, which parts the sinks' own lines. */
const ACTS =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const KINDS: Readonly<Record<string, string>> = {
  'a workflow command': '::error file=x::owned ',
  'a workflow command after a newline': 'x\n::add-mask::secret\n::set-output name=a::b ',
  'a workflow command after a carriage return': 'x\r\n  ::warning::owned\r',
  'a workflow command that is wrapped to a new line': `${'word '.repeat(30)}::error::owned ${'word '.repeat(30)}`,
  'a log command': '##[error]owned ##vso[task.setvariable variable=a]b ##teamcity[x]',
  'an escape sequence': '\u001b[48;5;17m\u001b[2J\u001b]0;owned\u0007\u001b]8;;http://x\u001b\\',
  'C1 controls': '\u009b2J\u0085::error::x\u009d0;owned\u009c',
  'C0 controls': '\u0000\u0001\b\f\v\t\u000e\u007f',
  'marks of direction': '\u202eowned\u202c\u2066x\u2069\u200e\u200f\u061c',
  'separators of lines': 'x\u2028::error::x\u2029##[error]y',
  'half characters': '\ud800x\udc00',
  markup: `"><script>alert(1)</script>]]><!--`,
  'a formula': '=cmd|x!A1',
};

/** Replies, log lines and evidence of a lossy run, hostile. */
function hostileHistory(text: string): readonly HistoryEvent[] {
  return lossyHistory().map((event): HistoryEvent => {
    switch (event.type) {
      case 'run.started':
        return { ...event, stack: { name: `${text}name`, title: `${text}title` } };
      case 'stack.ready':
        return {
          ...event,
          toxiproxy: text,
          services: event.services.map((one) => ({ ...one, image: text, versions: { [text]: text } })),
        };
      case 'attempt.ended':
        return { ...event, reply: `${text}${event.reply}` };
      case 'queue.seen':
        return { ...event, reason: `${text}${event.reason}`, queue: text };
      case 'mta.logged':
        return { ...event, reply: `${text}${event.reply}` };
      case 'fault.felt':
      case 'fault.gone':
        return { ...event, evidence: `${text}${event.evidence}` };
      default:
        return event;
    }
  });
}

/** A report in which every text that a sink may show is hostile. */
async function hostileReport(text: string): Promise<RunReport> {
  const report = await savedRun(hostileHistory(text));
  const checks = report.judgement.checks.map((check) => ({
    ...check,
    promise: `${text}${check.promise}`,
    observed: `${text}${check.observed}`,
    limit: `${text}${check.limit}`,
    reason: check.reason === null ? null : `${text}${check.reason}`,
    groups: check.groups.map((group) => ({ ...group, what: `${text}${group.what}`, place: text })),
    findings: check.findings.map((finding) => ({
      ...finding,
      summary: `${text}${finding.summary}`,
      evidence: [text, ...finding.evidence],
    })),
  }));
  return {
    ...report,
    scenario: { ...report.scenario, title: `${text}title`, description: text },
    stack: `${text}stack`,
    stackTitle: `${text}title`,
    insteadOf: { of: text, because: text },
    failures: [text, `the run: ${text}`],
    scenarioFile: `${text}.yaml`,
    rerun: `npx nobounce run ${shellWord(`${text}.yaml`)}`,
    deviations: [{ service: text, setting: text, stock: text, here: text, why: text }],
    judgement: { ...report.judgement, checks },
  };
}

const lines: string[] = [];
const sink = { write: (text: string) => lines.push(text) };

function written(act: () => void): string {
  lines.length = 0;
  act();
  return lines.join('');
}

function terminal(
  report: RunReport,
  history: readonly HistoryEvent[],
  text: string,
  look: { colour: boolean; isTTY: boolean; columns: number },
): string {
  return written(() => {
    const shown = new Terminal(
      { ...sink, isTTY: look.isTTY, columns: look.columns },
      { colour: look.colour, links: false, verbose: true },
    );
    shown.started(report);
    shown.progress(`${text}building`);
    for (const event of history) shown.event(event);
    shown.ended(report);
    shown.finished([report, report]);
  });
}

function expectSafe(output: string): void {
  expect(output).not.toMatch(ACTS);
  expect(output).not.toMatch(/##\w*\[/);
  for (const line of output.split('\n')) expect(line).not.toMatch(/^\s*::/);
}

describe.each(Object.entries(KINDS))('text from outside: %s', (_, text) => {
  let report: RunReport;
  let history: readonly HistoryEvent[];
  beforeAll(async () => {
    report = await hostileReport(text);
    history = hostileHistory(text);
  });

  it.each([60, 80, 120])('is only shown in a terminal of %d columns', (columns) => {
    for (const isTTY of [true, false])
      expectSafe(
        terminal(report, history, text, { colour: false, isTTY, columns }).replaceAll('\r\u001b[2K', ''),
      );
    const coloured = terminal(report, history, text, { colour: true, isTTY: true, columns });
    expect(coloured).not.toContain('\u001b[48;5;17m');
    expectSafe(coloured.replaceAll('\r\u001b[2K', '').replace(/\u001b\[\d+m/g, ''));
  });

  it('is only shown by the reporters of text', () => {
    expectSafe(agentText(report));
    expectSafe(tap([report, report]));
    expectSafe(junitXml([report, report]));
    expectSafe(runMarkdown(report));
    expectSafe(runsMarkdown([report, report]));
  });

  it('gives GitHub no other command than ours', () => {
    const output = written(() => {
      new GitHub(sink, undefined).ended(report);
    });
    const told = output.trimEnd().split('\n');
    expect(told.length).toBeGreaterThan(2);
    for (const line of told) {
      expect(line).toMatch(/^::(?:error|warning) file=[^:,]*\.yaml,line=\d+,title=[^:,]*::[^\n]*$/);
      expect(line).not.toMatch(ACTS);
      expect(line).not.toMatch(/##\w*\[/);
    }
  });

  it('is only shown in pages', async () => {
    const comparison = compareRuns(
      { dir: text, results: resultsOf(report.judgement) },
      { dir: text, results: resultsOf(report.judgement) },
      0.2,
    );
    for (const page of [
      await runPage(report),
      renderIndexPage([report, report], 'index.html'),
      renderComparePage({
        comparison,
        links: { before: text, after: null },
        courses: { before: await observeCourse(report.dir), after: await observeCourse(report.dir) },
      }),
    ]) {
      expectSafe(page);
      expect(page).not.toContain('<script>');
    }
    expectSafe(comparisonText(comparison));
  });

  it('is escaped in JSON, and the same when it is read', async () => {
    const results = resultsOf(report.judgement);
    const json = safeJson(results);
    expectSafe(json);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(results)));
    const story = await explain(
      history,
      history.flatMap((event) => (event.type === 'message.created' ? [event.id] : []))[12] ?? '',
    );
    if (story === null) throw new Error('no story');
    expectSafe(storyLines(story).map(visible).join('\n'));
  });

  it('is one value of a CSV, and no formula', () => {
    const [day] = report.judgement.mailboxDays;
    if (day === undefined) throw new Error('no day');
    const [, row = ''] = mailboxDaysCsv([{ ...day, mailbox: text, volume: 'gold' }]).split('\r\n');
    expect(row).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(row).not.toMatch(/^"?[=+@-]/);
  });

  it('is only shown in errors', () => {
    expectSafe(visibleLines(`x.yaml:1:1: ${text}\n${text}`));
  });
});

const HARMLESS = [
  'a',
  'b',
  ' ',
  'é',
  '漢',
  '😀',
  '<',
  '>',
  '&',
  '"',
  "'",
  '`',
  '-',
  '=',
  ':',
  '|',
  '[',
  ']',
  '(',
  '#',
];

describe('any text', () => {
  const any = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...Object.values(KINDS), '::', '\n', '#', '[', '\u001b[31m', ' '),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  });

  it('is one harmless line, and the same once more', () => {
    fc.assert(
      fc.property(any, (text) => {
        expectSafe(visible(text));
        expect(visible(text)).not.toContain('\n');
        expect(visible(visible(text))).toBe(visible(text));
        expectSafe(safeLine(visible(text)));
      }),
    );
  });

  it('that does no harm is left as it is', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: fc.constantFrom(...HARMLESS), minLength: 1 })
          .filter((text) => !/^\s*::|##\w*\[/.test(text)),
        (text) => {
          expect(visible(text)).toBe(text);
        },
      ),
    );
  });

  it('is cleaned wherever it stands in a value', () => {
    const value = {
      a: ['\u0007'],
      b: new Map([['\u0007', { c: '\u0007' }]]),
      d: new Set(['\u0007']),
      e: 1,
      f: null,
      g: true,
    };
    expect(cleaned(value)).toEqual({
      a: ['·'],
      b: new Map([['·', { c: '·' }]]),
      d: new Set(['·']),
      e: 1,
      f: null,
      g: true,
    });
  });

  it('is one word of a shell', () => {
    expect(shellWord('scenarios/x.yaml')).toBe('scenarios/x.yaml');
    expect(shellWord('my outage.yaml')).toBe("'my outage.yaml'");
    expect(shellWord("$(rm -r ~)'; x")).toBe("'$(rm -r ~)'\\''; x'");
  });
});

it('the good history has nothing to clean', async () => {
  const report = await savedRun(goodHistory());
  expect(cleaned(report.judgement)).toEqual(report.judgement);
});
