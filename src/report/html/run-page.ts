import type { Judgement, MailboxCounts } from '../../check/judgement.js';
import type { CheckResult } from '../../check/result.js';
import { plainErrno } from '../../fault/sense.js';
import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import { likelyCauses } from '../causes.js';
import { headline, shortStack } from '../headline.js';
import type { Observation } from '../observation.js';
import { stackAndDriver, type RunReport } from '../reporter.js';
import type { Series } from '../series.js';
import { simulatedTime } from '../simulated.js';
import { daysSection } from './days.js';
import { findingsSection } from './findings.js';
import { markup, Html } from './markup.js';
import { outcomeFigure } from './outcome.js';
import { renderPage, verdictTag, wallTime } from './page.js';
import { delayFigure, panelFigure, type Axis, type Panel, type Strand } from './panel.js';
import { timelineStrip } from './strip.js';
import type { Colour } from './svg.js';
import { scrollTable } from './table.js';

/** A page lists so many mailboxes; those where something is wrong come first. */
const MAX_MAILBOXES = 500;

/** `report.markup` of one run. */
export function renderRunPage(report: RunReport, observed: Observation): string {
  const { judgement, scenario, dir } = report;
  const { run, checks, timings } = judgement;
  const simulatedAt = simulatedTime(timings.jumps);
  return renderPage({
    title: `${judgement.verdict}: ${scenario.name} on ${shortStack(report.stackTitle)}`,
    about: `outage drill ${scenario.name}`,
    when: run === null ? '' : wallTime(run.startedAtWall),
    verdict: judgement.verdict,
    headline: headline(judgement, report.stackTitle),
    head: markup`${causes(judgement)}${brokenPromises(checks)}
      <p class="lede">
        ${/[.?!]$/.test(scenario.title) ? scenario.title : `${scenario.title}.`} ${scenario.description ?? ''} Tested: ${report.stackTitle}, ${stackAndDriver(report)}; the run took
        ${formatDurationMs(timings.totalMs)}${
          timings.jumps.length === 0
            ? null
            : `, which stand for ${formatDurationMs(timings.simulatedMs)} by the clocks of its services`
        }.
      </p>
      ${report.failures.map((failure) => markup`<p class="alarm">The harness failed: ${failure}</p>`)}
      ${outcomeFigure(judgement, observed.outcomes, axisOf(observed.series, judgement))}`,
    body: markup` <section id="course">
        <h2>What happened</h2>
        <p>
          Time runs from left to right, the same in every chart, in spans of
          ${formatDurationMs(observed.series.spanMs)}. Red: a fault was felt on the storage. Yellow: it was
          healed, and the storage was not back yet. Hatched: it was injected, and nobody felt it.
        </p>
        ${timelineStrip(judgement.phases, judgement.faults, observed.series.spanMs * observed.series.spans, simulatedAt)}
        ${panels(observed.series).map((panel) => panelFigure(panel, axisOf(observed.series, judgement)))}
      </section>
      <section id="distribution">
        <h2>How long mail took</h2>
        ${delayFigure(observed.delays, timings.jumps.length > 0)}
      </section>
      ${checksSection(checks)} ${findingsSection(checks, observed.stories, dir, simulatedAt)}
      ${daysSection(judgement.mailboxDays)} ${mailboxSection(judgement.mailboxes)} ${testedSection(report)}
      <section id="again">
        <h2>Run it again</h2>
        <p>The same seed sends the same mail.</p>
        <pre tabindex="0">${report.rerun}</pre>
        <p>Judge this run again, without containers, from its history:</p>
        <pre tabindex="0">npx nobounce check ${dir}</pre>
      </section>`,
    foot: `nobounce ${report.version} · run ${report.id} · seed ${report.seed} · ${formatCount(judgement.events)} events in history.jsonl`,
  });
}

function axisOf(series: Series, { faults }: Judgement): Axis {
  return { spanMs: series.spanMs, spans: series.spans, faults };
}

function causes(judgement: Judgement): Html | null {
  const known = likelyCauses(judgement);
  return known.length === 0
    ? null
    : markup`<ul class="causes">
        ${known.map(
          ({ cause, mend, checks }) =>
            markup`<li>
              <strong>Likely cause</strong> of ${checks.join(', ')}: ${cause}. <strong>What mends it:</strong>
              <code>${mend}</code>
            </li>`,
        )}
      </ul>`;
}

function brokenPromises(checks: readonly CheckResult[]): Html | null {
  const broken = checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
  return broken.length === 0
    ? null
    : markup`<ul class="broken">
        ${broken.map(
          ({ name, verdict, findings }) =>
            markup`<li>
              ${verdictTag(verdict)}
              <a href="#${findings.length > 0 ? 'finding' : 'check'}-${name}">${name}</a>
            </li>`,
        )}
      </ul>`;
}

const VOLUME_COLOURS: readonly Colour[] = ['v2', 'v3', 'v4', 'v5', 'v6'];

/** Volumes with a fault in red; the others, and the outside, in colours of their own. */
function volumeColours(names: readonly string[], broken: ReadonlySet<string>): ReadonlyMap<string, Colour> {
  const colours = new Map<string, Colour>();
  let next = 0;
  for (const name of names) {
    if (broken.has(name) && ![...colours.values()].includes('v1')) colours.set(name, 'v1');
    else {
      colours.set(name, VOLUME_COLOURS[next % VOLUME_COLOURS.length] ?? 'v6');
      next += 1;
    }
  }
  return colours;
}

type ColourOf = (name: string) => Colour;

function colourOfVolumes({ probes, deliveries }: Series): ColourOf {
  const broken = new Set([...probes].filter(([, spans]) => isBroken(spans)).map(([name]) => name));
  const colours = volumeColours([...new Set([...probes.keys(), ...deliveries.keys()])].sort(), broken);
  return (name) => colours.get(name) ?? 'v6';
}

const bars = (name: string, colour: Colour, values: readonly number[]): Strand => ({
  name,
  colour,
  values,
  shape: 'bars',
});

const line = (name: string, colour: Colour, values: Strand['values']): Strand => ({
  name,
  colour,
  values,
  shape: 'line',
});

function panels(series: Series): readonly Panel[] {
  const per = series.spanMs === 1_000 ? 'a second' : `in ${formatDurationMs(series.spanMs)}`;
  const colourOf = colourOfVolumes(series);
  return [
    attemptsPanel(series, per),
    queuesPanel(series),
    ...storagePanels(series, per, colourOf),
    loginsPanel(series, per),
    {
      id: 'deliveries',
      title: 'Deliveries',
      about: `Copies that arrived ${per}, by volume; “outside” is mail of subscribers that left.`,
      strands: [...series.deliveries].map(([name, values]) => bars(name, colourOf(name), values)),
    },
  ];
}

function attemptsPanel({ attempts }: Series, per: string): Panel {
  const happened = ({ values }: Strand): boolean => values.some((value) => value !== null && value > 0);
  return {
    id: 'attempts',
    title: 'What senders were told',
    about: `Attempts to send ${per}: accepted (2xx), deferred (4xx), rejected (5xx), no reply after the final dot, or failed before it.`,
    strands: [
      bars('accepted', 'accepted', attempts.accepted),
      bars('deferred', 'deferred', attempts.deferred),
      bars('rejected', 'rejected', attempts.rejected),
      ...[
        bars('no reply', 'ambiguous', attempts.ambiguous),
        bars('unsent', 'unsent', attempts.unsent),
      ].filter(happened),
    ],
  };
}

function queuesPanel({ queues }: Series): Panel {
  return {
    id: 'queues',
    title: 'Mail waiting in queues',
    about: 'Messages in the queue of each server, at the deepest.',
    strands: [...queues].map(([service, values], index) =>
      line(
        service,
        index === 0 ? 'accepted' : (VOLUME_COLOURS[index % VOLUME_COLOURS.length] ?? 'v6'),
        values,
      ),
    ),
  };
}

function storagePanels(series: Series, per: string, colourOf: ColourOf): readonly Panel[] {
  return [
    {
      id: 'probe',
      title: 'Storage as the mail server felt it',
      about:
        'The slowest operation of the storage probe on each volume, failed and blocked ones included (logarithmic).',
      isLogMs: true,
      strands: [...series.probes].map(([volume, spans]) =>
        line(
          volume,
          colourOf(volume),
          spans.map(({ worstMs }) => worstMs),
        ),
      ),
    },
    {
      id: 'errors',
      title: 'Storage errors',
      about: `Operations of the storage probe that failed or were blocked, ${per}. ${errnoText(series)}`,
      strands: [...series.probes].map(([volume, spans]) =>
        bars(
          volume,
          colourOf(volume),
          spans.map(({ errors, blocked }) => errors + blocked),
        ),
      ),
    },
  ];
}

function loginsPanel({ visits }: Series, per: string): Panel {
  return {
    id: 'logins',
    title: 'Readers at their mailboxes',
    about: `Visits ${per} with correct credentials: everything read, logged in but the mail could not be read, not let in.`,
    strands: [
      bars('read', 'accepted', visits.read),
      bars('not readable', 'deferred', visits.unreadable),
      bars('not let in', 'rejected', visits['no login']),
    ],
  };
}

const isBroken = (spans: readonly { readonly errors: number; readonly blocked: number }[]): boolean =>
  spans.some(({ errors, blocked }) => errors + blocked > 0);

function errnoText({ errnos }: Series): string {
  const told = [...errnos].map(
    ([volume, counts]) =>
      `${volume}: ${[...counts].map(([errno, count]) => `${plainErrno(errno)} ${formatCount(count)} times`).join(', ')}`,
  );
  return told.length === 0 ? 'There was none.' : `${told.join('; ')}.`;
}

function checksSection(checks: readonly CheckResult[]): Html {
  return markup`<section id="checks">
    <h2>The promises</h2>
    <p>
      What was observed, beside what is allowed. A check that had nothing to look at is inconclusive, never a
      pass.
    </p>
    <div class="card">
      <table class="checks">
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Promise</th>
            <th scope="col">Observed</th>
            <th scope="col">Allowed</th>
          </tr>
        </thead>
        <tbody>
          ${checks.map(
            ({ name, promise, verdict, observed, limit, reason, findings }) =>
              markup`<tr id="check-${name}">
                <td>${verdictTag(verdict)}</td>
                <th scope="row">
                  ${findings.length > 0 ? markup`<a href="#finding-${name}">${name}</a>` : name}<small
                    >${promise}</small
                  >
                </th>
                <td data-name="Observed">${reason ?? observed}</td>
                <td data-name="Allowed">${limit}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const troubles = (counts: MailboxCounts): number =>
  counts.lost + counts.bounced + counts.duplicated + counts.corrupted + counts.queued + counts.unaccounted;

function mailboxSection(mailboxes: readonly MailboxCounts[]): Html {
  const shown =
    mailboxes.length <= MAX_MAILBOXES
      ? mailboxes
      : mailboxes.toSorted((a, b) => troubles(b) - troubles(a)).slice(0, MAX_MAILBOXES);
  const columns = [
    'accepted',
    'delivered',
    'queued',
    'bounced',
    'lost',
    'unaccounted',
    'duplicated',
    'corrupted',
  ] as const;
  return markup`<section id="mailboxes">
    <h2>Mailbox by mailbox</h2>
    <p>
      Messages to each mailbox, by what became of
      them.${
        shown.length < mailboxes.length
          ? ` The ${MAX_MAILBOXES} with most trouble of ${mailboxes.length}; all are in results.json.`
          : ''
      }
    </p>
    <div class="card">
      ${scrollTable({
        label: 'Mailbox by mailbox',
        kind: 'numbers',
        columns: ['Mailbox', 'Volume', ...columns],
        rows: shown.map(
          (mailbox) =>
            markup`<tr>
                  <th scope="row">${mailbox.address}</th>
                  <td>${mailbox.volume}</td>
                  ${columns.map((name, index) => markup`<td${index > 2 && mailbox[name] > 0 ? new Html(' class="bad"') : null}>${formatCount(mailbox[name])}</td>`)}
                </tr>`,
        ),
      })}
    </div>
  </section>`;
}

function testedSection(report: RunReport): Html {
  const { judgement, deviations } = report;
  return markup`<section id="tested">
    <h2>What was tested</h2>
    <p>
      ${report.stackTitle}, driver ${report.driver}, Toxiproxy: ${judgement.toxiproxy ?? 'none'}. Versions as
      measured in the running services.
    </p>
    <div class="card">
      ${scrollTable({
        label: 'Versions',
        kind: 'text',
        columns: ['Service', 'Image', 'Versions'],
        rows: judgement.versions.map(
          ({ name, image, versions }) =>
            markup`<tr>
                  <th scope="row">${name}</th>
                  <td class="raw">${image}</td>
                  <td>
                    ${Object.entries(versions).map(([what, version]) => markup`${what} ${version}<br />`)}
                  </td>
                </tr>`,
        ),
      })}
    </div>
    ${
      deviations === undefined || deviations.length === 0
        ? null
        : markup`<details>
            <summary>Settings that differ from stock (${deviations.length})</summary>
            <div class="card">
              ${scrollTable({
                label: 'Settings that differ from stock',
                kind: 'text',
                columns: ['Service', 'Setting', 'Stock', 'Here', 'Why'],
                rows: deviations.map(
                  ({ service, setting, stock, here, why }) =>
                    markup`<tr>
                          <td>${service}</td>
                          <th scope="row">${setting}</th>
                          <td>${stock}</td>
                          <td>${here}</td>
                          <td>${why}</td>
                        </tr>`,
                ),
              })}
            </div>
          </details>`
    }
    <details>
      <summary>The scenario as run</summary>
      <pre tabindex="0">${report.scenarioSource}</pre>
    </details>
  </section>`;
}
