import { dirname, join, relative } from 'node:path';
import { recoveryMs } from '../../check/delivered-after-recovery.js';
import type { CheckResult } from '../../check/result.js';
import { worst } from '../../check/verdict.js';
import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import { headline, shortStack } from '../headline.js';
import type { RunReport } from '../reporter.js';
import type { Html } from './markup.js';
import { markup } from './markup.js';
import { renderPage, verdictTag, wallTime } from './page.js';
import { scrollTable } from './table.js';

const SIGN = { pass: '✓', fail: '✗', inconclusive: '?', skipped: '–' } as const;

const count = (reports: readonly RunReport[], verdict: string): number =>
  reports.filter(({ judgement }) => judgement.verdict === verdict).length;

function sentence(reports: readonly RunReport[]): string {
  const passed = count(reports, 'pass');
  if (passed === reports.length) return `All ${reports.length} drills passed: every promise was kept.`;
  const others = [
    [count(reports, 'fail'), 'failed'],
    [count(reports, 'inconclusive'), 'proved nothing'],
  ] as const;
  const told = others.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return `Of ${reports.length} drills ${passed} passed, ${told.join(' and ')}.`;
}

function cell(check: CheckResult | undefined, link: string): Html {
  if (check === undefined) return markup`<td>–</td>`;
  const { name, verdict, observed, reason, findings } = check;
  const told = `${name}: ${verdict}; ${reason ?? observed}`;
  const sign = markup`<span class="cell is-${verdict}" aria-hidden="true">${SIGN[verdict]}</span
    ><span class="unseen">${verdict}</span>`;
  return findings.length > 0
    ? markup`<td title="${told}"><a href="${link}#finding-${name}">${sign}</a></td>`
    : markup`<td title="${told}">${sign}</td>`;
}

type LinkOf = (report: RunReport) => string;

function runsSection(reports: readonly RunReport[], link: LinkOf): Html {
  return markup`<section id="runs">
    <h2>Drills</h2>
    <div class="card">
      <table class="checks">
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Drill</th>
            <th scope="col">Stack</th>
            <th scope="col">Accepted</th>
            <th scope="col">Recovered after</th>
          </tr>
        </thead>
        <tbody>
          ${reports.map((report) => {
            const { judgement, scenario, stackTitle, driver, failures } = report;
            const recovered = recoveryMs(judgement);
            return markup`<tr>
                  <td>${verdictTag(judgement.verdict)}</td>
                  <th scope="row">
                    <a href="${link(report)}">${scenario.name}</a
                    ><small>${headline(judgement, stackTitle)}</small
                    >${failures.map((failure) => markup`<small>The harness failed: ${failure}</small>`)}
                  </th>
                  <td data-name="Stack">${shortStack(stackTitle)} (${driver})</td>
                  <td data-name="Accepted">${formatCount(judgement.mail.accepted)}</td>
                  <td data-name="Recovered after">
                    ${recovered === null ? '–' : formatDurationMs(recovered)}
                  </td>
                </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Scenario × check. */
function matrixSection(reports: readonly RunReport[], link: LinkOf): Html {
  const names = [...new Set(reports.flatMap(({ judgement }) => judgement.checks.map(({ name }) => name)))];
  return markup`<section id="matrix">
    <h2>Promise by promise</h2>
    <p>✓ kept, ✗ broken, ? inconclusive, – skipped.</p>
    <div class="card">
      ${scrollTable({
        label: 'Promise by promise',
        kind: 'matrix',
        columns: ['Drill', ...names.map((name) => markup`<span>${name}</span>`)],
        rows: reports.map(
          (report) =>
            markup`<tr>
                      <th scope="row"><a href="${link(report)}">${report.scenario.name}</a></th>
                      ${names.map((name) =>
                        cell(
                          report.judgement.checks.find((check) => check.name === name),
                          link(report),
                        ),
                      )}
                    </tr>`,
        ),
      })}
    </div>
  </section>`;
}

/**
 * `index.markup` of several runs: scenario × check, each leading to its run's page.
 * @param file where the page will lie; links are relative to it.
 */
export function renderIndexPage(reports: readonly RunReport[], file: string): string {
  const link: LinkOf = ({ dir }) => relative(dirname(file), join(dir, 'report.html')).split('\\').join('/');
  const startedAt = reports[0]?.judgement.run?.startedAtWall;
  return renderPage({
    title: `nobounce: ${sentence(reports)}`,
    about: `${reports.length} drills`,
    when: startedAt === undefined ? '' : wallTime(startedAt),
    verdict: worst(reports.map(({ judgement }) => judgement.verdict)),
    headline: sentence(reports),
    head: markup``,
    body: markup` ${runsSection(reports, link)} ${matrixSection(reports, link)}
      <section id="again">
        <h2>Run them again</h2>
        <pre tabindex="0">${reports.map(({ rerun }) => `${rerun}\n`)}</pre>
      </section>`,
    foot: `nobounce ${reports[0]?.version ?? ''} · junit.xml and each run’s results.json say the same for machines`,
  });
}
