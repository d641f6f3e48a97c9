import type { Judgement, MailboxCounts } from '../../check/judgement.js';
import type { CheckResult } from '../../check/result.js';
import { plainErrno } from '../../fault/sense.js';
import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import { likelyCauses } from '../causes.js';
import { dayGrid } from '../day-table.js';
import { headline, shortStack } from '../headline.js';
import type { Observation } from '../observation.js';
import { stackAndDriver, type RunReport } from '../reporter.js';
import type { Series } from '../series.js';
import { simulatedTime } from '../simulated.js';
import { daySection } from './day-log.js';
import { daysSection } from './days.js';
import { findingsSection } from './findings.js';
import { markup, Html } from './markup.js';
import { outcomeFigure } from './outcome.js';
import { renderPage, verdictTag, wallTime } from './page.js';
import { axisOf, endOf, type Axis, type Zero } from './axis.js';
import { delayFigure } from './delay-figure.js';
import { panelFigure, type Panel, type Strand } from './panel.js';
import { timelineStrip } from './strip.js';
import type { Colour } from './svg.js';
import { scrollTable } from './table.js';

/** A page lists so many mailboxes; those where something is wrong come first. */
const MAX_MAILBOXES = 500;

/** `report.markup` of one run. */
export function renderRunPage(report: RunReport, observed: Observation, zero: Zero = 'start'): string {
  const { judgement, scenario, dir } = report;
  const { run, checks, timings } = judgement;
  const simulatedAt = simulatedTime(timings.jumps);
  const axis = axisOf(observed.series, judgement, zero);
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
      ${outcomeFigure(judgement, observed.outcomes, axis)}`,
    contents: contentsOf(judgement, observed),
    body: markup` <section id="course">
        <h2>What happened</h2>
        <p>
          Time runs from left to right, the same in every chart, in spans of
          ${formatDurationMs(observed.series.spanMs)}. Red: a fault was felt on the storage. Yellow: it was
          healed, and the storage was not back yet. Hatched: it was injected, and nobody felt it.${axisText(axis)}
        </p>
        ${timelineStrip(judgement.phases, judgement.faults, endOf(axis), simulatedAt)}
        ${panels(observed.series).map((panel) => panelFigure(panel, axis))}
      </section>
      ${daySection(observed.day)}
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

function contentsOf(
  { mailboxDays }: Judgement,
  { day }: Observation,
): readonly (readonly [string, string])[] {
  return [
    ['course', 'What happened'],
    ...(day === null ? [] : [['day', 'Log of the day'] as const]),
    ['distribution', 'How long mail took'],
    ['checks', 'The promises'],
    ['findings', 'Findings'],
    ...(dayGrid(mailboxDays) === null ? [] : [['days', 'Day by day'] as const]),
    ['mailboxes', 'Mailbox by mailbox'],
    ['tested', 'What was tested'],
    ['again', 'Run it again'],
  ];
}

/** What the axis is, where it is not the run's own time from its start on. */
function axisText({ zeroMs, jumps }: Axis): string {
  const cut =
    ' The axis tells the time of the services, whose clocks were moved: it is cut there, by a dashed line.';
  return `${zeroMs === 0 ? '' : ' 0 is the first injection.'}${jumps.length === 0 ? '' : cut}`;
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

const VOLUME_COLOURS: readonly Colour[] = ['v2', 'v3', 'v4', 'v5', 'v1'];
const VOLUME_DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [9, 3],
  [3, 3],
  [9, 3, 3, 3],
  [14, 5],
];

/** How a volume is drawn. */
interface Look {
  readonly colour: Colour;
  readonly dash: readonly number[];
}
type LookOf = (name: string) => Look;

/** By a volume's place among those of its scenario, whatever happens to it: it looks the same in every run. */
function looksOfVolumes({ volumes }: Series): LookOf {
  return (name) => {
    const index = volumes.indexOf(name);
    return {
      colour: (index < 0 ? undefined : VOLUME_COLOURS[index % VOLUME_COLOURS.length]) ?? 'v6',
      dash: (index < 0 ? undefined : VOLUME_DASHES[index % VOLUME_DASHES.length]) ?? [2, 2],
    };
  };
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
  const lookOf = looksOfVolumes(series);
  return [
    attemptsPanel(series, per),
    queuesPanel(series),
    ...storagePanels(series, per, lookOf),
    loginsPanel(series, per),
    {
      id: 'deliveries',
      title: 'Deliveries',
      about: `Copies that arrived ${per}, by volume; “outside” is mail of subscribers that left.`,
      strands: [...series.deliveries].map(([name, values]) => bars(name, lookOf(name).colour, values)),
    },
  ];
}

const happened = ({ values }: Strand): boolean => values.some((value) => value !== null && value > 0);

function attemptsPanel({ attempts }: Series, per: string): Panel {
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

function storagePanels(series: Series, per: string, lookOf: LookOf): readonly Panel[] {
  const probes = [...series.probes];
  return [
    {
      id: 'probe',
      title: 'Storage as the mail server felt it',
      about:
        'The slowest operation of the storage probe on each volume, blocked ones included (logarithmic). A bar at the top, and no line: operations fail.',
      isLogMs: true,
      failing: probes.map(([volume, spans]) => ({
        name: volume,
        colour: lookOf(volume).colour,
        spans: failingSpans(spans),
      })),
      strands: probes.map(([volume, spans]) => ({
        ...line(
          volume,
          lookOf(volume).colour,
          spans.map(({ worstMs, errors }) => (errors > 0 ? null : worstMs)),
        ),
        dash: lookOf(volume).dash,
      })),
    },
    {
      id: 'errors',
      title: 'Storage errors',
      about: `Operations of the storage probe that failed or were blocked, ${per}. ${errnoText(series)}`,
      strands: probes.map(([volume, spans]) =>
        bars(
          volume,
          lookOf(volume).colour,
          spans.map(({ errors, blocked }) => errors + blocked),
        ),
      ),
    },
  ];
}

/** Runs of spans in which operations failed. */
function failingSpans(
  spans: readonly { readonly errors: number }[],
): readonly { readonly from: number; readonly to: number }[] {
  const failing: { from: number; to: number }[] = [];
  spans.forEach(({ errors }, span) => {
    if (errors === 0) return;
    const last = failing.at(-1);
    if (last?.to === span) last.to = span + 1;
    else failing.push({ from: span, to: span + 1 });
  });
  return failing;
}

function loginsPanel({ visits }: Series, per: string): Panel {
  return {
    id: 'logins',
    title: 'Readers at their mailboxes',
    about: `Visits ${per} with correct credentials: everything read, shown an empty or another mailbox than the one that was filled, logged in but the mail could not be read, not let in.`,
    strands: [
      bars('read', 'accepted', visits.read),
      ...[
        bars('shown empty', 'fault', visits.empty),
        bars('shown another', 'ambiguous', visits.another),
      ].filter(happened),
      bars('not readable', 'deferred', visits.unreadable),
      bars('not let in', 'rejected', visits['no login']),
    ],
  };
}

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

/** What no mailbox should have, the worst first. */
const TROUBLES = ['lost', 'unaccounted', 'bounced', 'corrupted', 'duplicated', 'queued'] as const;
type Trouble = (typeof TROUBLES)[number];

const isTrouble = (name: string): boolean => TROUBLES.some((trouble) => trouble === name);

const troubles = (counts: MailboxCounts): number =>
  TROUBLES.reduce((sum, trouble) => sum + counts[trouble], 0);

function mailboxSection(mailboxes: readonly MailboxCounts[]): Html {
  const shown =
    mailboxes.length <= MAX_MAILBOXES
      ? mailboxes
      : mailboxes.toSorted((a, b) => troubles(b) - troubles(a)).slice(0, MAX_MAILBOXES);
  const isBad = (name: Trouble): boolean => mailboxes.some((mailbox) => mailbox[name] > 0);
  // What is wrong stands where it is seen first, also where a screen shows no more than three columns.
  const columns = [
    ...TROUBLES.filter(isBad),
    'accepted' as const,
    'delivered' as const,
    ...TROUBLES.filter((name) => !isBad(name)),
  ];
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
        columns: ['Mailbox', ...columns, 'Volume'],
        rows: shown.map(
          (mailbox) =>
            markup`<tr>
                  <th scope="row">${mailbox.address}</th>
                  ${columns.map((name) => markup`<td${isTrouble(name) && mailbox[name] > 0 ? new Html(' class="bad"') : null}>${formatCount(mailbox[name])}</td>`)}
                  <td>${mailbox.volume}</td>
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
