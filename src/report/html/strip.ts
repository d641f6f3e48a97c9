import type { FaultLife, PhaseSpan } from '../../check/judgement.js';
import { plainEvidence } from '../../fault/sense.js';
import { formatDurationMs } from '../../units/duration.js';
import type { SimulatedAt } from '../simulated.js';
import { markup, type Html } from './markup.js';
import { CHART_SIZES, hatchPattern, type ChartSize } from './axis.js';
import { scrollTable } from './table.js';

const ROW = 30;

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly label: string;
  readonly title: string;
}

const time = (ms: number | null, otherwise = 'never'): string =>
  ms === null ? otherwise : formatDurationMs(ms);

const CUT_OFF = 'did not end';

/** About as wide as the text is drawn at 12 px; a label that does not fit is left to its title. */
const CHARACTER = 6.6;

function phaseBars(phases: readonly PhaseSpan[], endMs: number): readonly Bar[] {
  const firstAt = phases[0]?.startedAt ?? 0;
  const starting = { phase: 'starting', startedAt: 0, endedAt: firstAt };
  return [...(firstAt > 0 ? [starting] : []), ...phases].map(({ phase, startedAt, endedAt }, index) => ({
    from: startedAt,
    to: endedAt ?? endMs,
    kind: endedAt === null ? 'cut' : index % 2 === 0 ? 'phase' : 'phase odd',
    label: endedAt === null ? `${phase}, ${CUT_OFF}` : phase,
    title: `${phase}: ${time(startedAt)} – ${time(endedAt, CUT_OFF)}`,
  }));
}

function faultBars(fault: FaultLife, endMs: number): readonly Bar[] {
  const { name, volume, injectedAt, feltAt, healedAt, goneAt, evidence, goneEvidence } = fault;
  if (injectedAt === null) return [];
  const healed = healedAt ?? endMs;
  const what = `${name} on ${volume}`;
  if (feltAt === null) {
    const title = `${what}: injected, never felt`;
    return [{ from: injectedAt, to: healed, kind: 'unfelt', label: `${what}, never felt`, title }];
  }
  const felt = feltAt;
  const bars = [
    { from: injectedAt, to: felt, kind: 'injected', label: '', title: `${what}: injected, not felt yet` },
    {
      from: felt,
      to: healed,
      kind: 'felt',
      label: what,
      title: `${what}: felt (${evidence === null ? 'no evidence' : plainEvidence(evidence)}), healed at ${time(healedAt)}`,
    },
    {
      from: healed,
      to: goneAt ?? healed,
      kind: 'going',
      label: '',
      title: `${what}: healed, not gone yet (${goneEvidence ?? 'never seen to be gone'})`,
    },
  ];
  return bars.filter(({ from, to }) => to > from);
}

function drawStrip(
  rows: readonly (readonly Bar[])[],
  endMs: number,
  { kind: size, width, left, right }: ChartSize,
  label: string,
): Html {
  const pattern = `strip-${size}-hatch`;
  const x = (ms: number): number =>
    Number((left + (Math.min(ms, endMs) / endMs) * (width - left - right)).toFixed(1));
  const bars = rows.flatMap((row, index) =>
    row.map(({ from, to, kind, label: text, title }) => {
      const wide = Math.max(1.5, x(to) - x(from));
      const fits = text.length * CHARACTER + 12 < wide;
      return markup`<g class="${kind}"
        ><rect
          x="${x(from)}"
          y="${index * ROW + 3}"
          width="${Number(wide.toFixed(1))}"
          height="${ROW - 6}"
          rx="2"${kind === 'unfelt' || kind === 'cut' ? markup` fill="url(#${pattern})"` : null}
          ><title>${title}</title></rect
        >${fits ? markup`<text x="${x(from) + 7}" y="${index * ROW + ROW / 2 + 4}">${text}</text>` : null}</g
      >`;
    }),
  );
  return markup`<div class="${size}">
    <svg
      class="chart strip"
      role="img"
      aria-label="${label}"
      viewBox="0 0 ${width} ${rows.length * ROW + 4}"
      xmlns="http://www.w3.org/2000/svg"
    >
      ${hatchPattern(pattern)}${bars}
    </svg>
  </div>`;
}

/** Phases, and the life of each fault under them, on the time axis of the charts below. */
export function timelineStrip(
  phases: readonly PhaseSpan[],
  faults: readonly FaultLife[],
  endMs: number,
  simulatedAt: SimulatedAt,
): Html {
  const rows = [
    phaseBars(phases, endMs),
    ...faults.slice(0, 12).map((fault) => faultBars(fault, endMs)),
  ].filter((row) => row.length > 0);
  const label = [
    ...phases.map(({ phase, startedAt, endedAt }) =>
      endedAt === null
        ? `${phase} from ${time(startedAt)}, ${CUT_OFF}.`
        : `${phase} ${time(startedAt)} to ${time(endedAt)}.`,
    ),
  ].join(' ');
  return markup`<figure id="strip">
    <figcaption>
      <h3>Phases and faults</h3>
      ${legend(faults)}
    </figcaption>
    ${CHART_SIZES.map((size) => drawStrip(rows, endMs, size, label))} ${lifeTable(faults, simulatedAt)}
    ${phaseTable(phases, simulatedAt)}
  </figure>`;
}

function legend(faults: readonly FaultLife[]): Html {
  return markup`<ul class="legend">
    <li><span class="key bars c-injected" aria-hidden="true"></span>injected</li>
    <li><span class="key bars c-felt" aria-hidden="true"></span>felt by the storage probe</li>
    <li><span class="key bars c-going" aria-hidden="true"></span>healed, not gone yet</li>
    ${
      faults.some(({ injectedAt, feltAt }) => injectedAt !== null && feltAt === null)
        ? markup`<li><span class="key bars hatched" aria-hidden="true"></span>injected, never felt</li>`
        : null
    }
  </ul>`;
}

function lifeTable(faults: readonly FaultLife[], simulatedAt: SimulatedAt): Html {
  const cell = (ms: number | null): Html => timeCell(ms, simulatedAt);
  return scrollTable({
    label: 'The life of each fault',
    kind: 'life',
    columns: ['Fault', 'Volume', 'Injected', 'Felt', 'Healed', 'Gone', 'What the storage probe saw'],
    rows: [
      ...faults.map(
        ({ name, volume, parameters, injectedAt, feltAt, healedAt, goneAt, evidence }) =>
          markup`<tr>
                <th scope="row">${name}${parameterText(parameters)}</th>
                <td>${volume}</td>
                <td>${cell(injectedAt)}</td>
                <td>${cell(feltAt)}</td>
                <td>${cell(healedAt)}</td>
                <td>${cell(goneAt)}</td>
                <td class="raw">${evidence === null ? '–' : plainEvidence(evidence)}</td>
              </tr>`,
      ),
      faults.length === 0
        ? markup`<tr>
                  <td colspan="7">No fault was injected: this is a baseline.</td>
                </tr>`
        : null,
    ],
  });
}

function phaseTable(phases: readonly PhaseSpan[], simulatedAt: SimulatedAt): Html {
  const cell = (ms: number | null): Html => timeCell(ms, simulatedAt);
  return markup`<details class="figures">
    <summary>Phases with their times</summary>
    ${scrollTable({
      label: 'Phases with their times',
      kind: 'numbers',
      columns: ['Phase', 'From', 'To'],
      rows: phases.map(
        ({ phase, startedAt, endedAt }) =>
          markup`<tr>
                  <th scope="row">${phase}</th>
                  <td>${cell(startedAt)}</td>
                  <td>${endedAt === null ? CUT_OFF : cell(endedAt)}</td>
                </tr>`,
      ),
    })}
  </details>`;
}

/** The time of the run, and the simulated one below it. */
function timeCell(ms: number | null, simulatedAt: SimulatedAt): Html {
  const simulated = ms === null ? null : simulatedAt(ms);
  return markup`${time(ms)}${simulated === null ? null : markup`<small>simulated ${simulated}</small>`}`;
}

function parameterText(parameters: Readonly<Record<string, unknown>>): Html | null {
  const told = Object.entries(parameters)
    .filter(([key]) => key !== 'fault' && key !== 'volume')
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  return told.length === 0 ? null : markup`<small>${told.join('; ')}</small>`;
}
