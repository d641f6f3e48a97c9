import type { LogLine, PromiseView, Snapshot, Sum as SumOf, VolumeView } from '../snapshot.js';
import { clock, count, duration, took } from './words.js';

export function Faults({ snapshot: { faults, tMs } }: { readonly snapshot: Snapshot }) {
  if (faults.length === 0) return <p class="soft">Nothing is broken.</p>;
  const words = {
    injected: 'injected, not felt yet, for',
    felt: 'felt for',
    healed: 'healed, not gone yet, for',
  };
  return (
    <ul>
      {faults.map(({ key, volume, name, title, state, sinceMs }) => (
        <li key={key}>
          <strong>{volume}</strong>: {title} ({name}), {words[state]}{' '}
          <strong>{duration(tMs - sinceMs)}</strong>
        </li>
      ))}
    </ul>
  );
}

export function Fuses({ snapshot }: { readonly snapshot: Snapshot }) {
  const { fuseMs, lifetimeMs, faults, wallMs } = snapshot;
  const next = Math.min(...faults.map(({ healsAtMs }) => healsAtMs ?? Infinity));
  return (
    <div class="fuses">
      <section class="panel">
        <h2>Until the first mail bounces</h2>
        <p class="big">{fuseMs === null ? noFuse(snapshot) : duration(fuseMs)}</p>
        {fuseMs !== null && lifetimeMs !== null && (
          <meter
            min={0}
            max={lifetimeMs}
            low={lifetimeMs / 4}
            optimum={lifetimeMs}
            value={Math.max(0, fuseMs)}
            aria-label="time until the first mail bounces"
          />
        )}
      </section>
      <section class="panel">
        <h2>Until what is broken is healed by itself</h2>
        <p class="big">{Number.isFinite(next) ? duration(next - wallMs) : 'nothing is broken'}</p>
      </section>
    </div>
  );
}

function noFuse({ lifetimeMs, sum }: Snapshot): string {
  if (sum.queued === 0) return 'no mail waits';
  return lifetimeMs === null ? 'the MTA does not say how long it keeps mail' : 'not known';
}

const PARTS = [
  ['delivered', 'var(--good)'],
  ['queued', 'var(--warn)'],
  ['bounced', 'var(--bad)'],
  ['lost', 'var(--bad)'],
  ['underWay', 'var(--calm)'],
] as const;
const PART_WORDS = {
  delivered: 'delivered',
  queued: 'queued',
  bounced: 'bounced',
  lost: 'lost',
  underWay: 'under way',
};

export function Sum({ sum }: { readonly sum: SumOf }) {
  let from = 0;
  return (
    <section class="panel">
      <h2>Where is every message? {count(sum.accepted)} accepted</h2>
      <div class="sum">
        <svg
          viewBox={`0 0 ${String(Math.max(1, sum.accepted))} 1`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {PARTS.map(([part, fill]) => {
            const x = from;
            from += sum[part];
            return <rect key={part} x={x} y={0} width={sum[part]} height={1} fill={fill} />;
          })}
        </svg>
      </div>
      <p>
        <strong>{count(sum.accepted)}</strong> ={' '}
        {PARTS.map(([part]) => `${count(sum[part])} ${PART_WORDS[part]}`).join(' + ')}
      </p>
      <p class="soft">
        {count(sum.refused)} refused for good · {count(sum.duplicated)} twice · {count(sum.corrupted)} damaged
      </p>
    </section>
  );
}

export function Volumes({ volumes }: { readonly volumes: readonly VolumeView[] }) {
  return (
    <section class="panel">
      <h2>Volumes</h2>
      <table>
        <tbody>
          {volumes.map(({ name, isBroken, trouble, mailboxes, share, nowMs, steadyMs }) => (
            <tr key={name}>
              <th scope="row" class={isBroken ? 'bad' : 'good'}>
                <span aria-hidden="true">{isBroken ? '✗' : '●'}</span> {name}
                {isBroken ? ' (broken)' : ''}
              </th>
              <td class={trouble === '' ? '' : 'bad'}>{trouble === '' ? 'well' : trouble}</td>
              <td>
                {nowMs === null ? 'no mail' : took(nowMs)}{' '}
                <span class="soft">{steadyMs === null ? '' : `steady ${took(steadyMs)}`}</span>
              </td>
              <td>
                {mailboxes} mailboxes, {Math.round(share * 100)} %
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const SHAPES = {
  holding: ['●', 'good'],
  'at risk': ['▲', 'warn'],
  broken: ['✗', 'bad'],
  'not yet known': ['?', 'soft'],
} as const;
const WORST_FIRST = ['broken', 'at risk', 'holding', 'not yet known'] as const;

export function Promises({ promises }: { readonly promises: readonly PromiseView[] }) {
  const sorted = promises.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.standing) - WORST_FIRST.indexOf(b.standing),
  );
  const counts = WORST_FIRST.map(
    (standing) => `${String(promises.filter((one) => one.standing === standing).length)} ${standing}`,
  );
  return (
    <section class="panel">
      <h2>Promises so far: {counts.join(', ')}</h2>
      <ul class="promises">
        {sorted.map(({ name, standing, told, message }) => {
          const [shape, tone] = SHAPES[standing];
          return (
            <li key={name} class={tone} title={told}>
              <span aria-hidden="true">{shape}</span> {name}
              <span class="soft"> {standing === 'holding' ? '' : standing}</span>
              {standing === 'broken' && message !== null && <code> {message}</code>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Log({ lines }: { readonly lines: readonly LogLine[] }) {
  return (
    <section class="panel log">
      <h2>Log</h2>
      <ol>
        {lines.slice(0, 40).map(({ number, wallMs, text, by, kind }) => (
          <li key={number}>
            <time class="soft">{clock(wallMs)}</time>
            <span class={kind === 'trouble' ? 'bad' : ''}>
              {by !== null && <strong>{by}: </strong>}
              {text}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const HEIGHT = 100;

export function Queue({ snapshot: { queue, faults, tMs } }: { readonly snapshot: Snapshot }) {
  const { depths, spanMs, fromMs } = queue;
  const peak = Math.max(1, ...depths.map((depth) => depth ?? 0));
  const width = Math.max(1, depths.length - 1);
  const points = depths.flatMap((depth, index) =>
    depth === null ? [] : [`${String(index)},${String(HEIGHT - (depth / peak) * (HEIGHT - 8))}`],
  );
  const last = depths.findLast((depth) => depth !== null) ?? 0;
  return (
    <section class="panel">
      <h2>
        Mail waiting, last {duration(tMs - fromMs)}: {count(last)}, at most {count(peak)}
      </h2>
      <svg
        class="chart"
        viewBox={`0 0 ${String(width)} ${String(HEIGHT)}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`mail waiting, now ${String(last)}, at most ${String(peak)}`}
      >
        {faults.map(({ key, sinceMs }) => {
          const x = Math.max(0, (sinceMs - fromMs) / spanMs);
          return (
            <rect
              key={key}
              x={x}
              y={0}
              width={Math.max(0, width - x)}
              height={HEIGHT}
              fill="var(--bad)"
              opacity={0.18}
            />
          );
        })}
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="var(--calm)"
          stroke-width={2}
          vector-effect="non-scaling-stroke"
        />
      </svg>
    </section>
  );
}
