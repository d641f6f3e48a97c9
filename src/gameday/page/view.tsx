import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Snapshot } from '../snapshot.js';
import { Abort } from './abort.js';
import { Hands } from './hands.js';
import { Faults, Fuses, Log, Promises, Queue, Sum, Volumes } from './panels.js';
import { isTyping } from './typing.js';
import { clock, duration } from './words.js';

/** Who looks. */
export interface Me {
  readonly isOperator: boolean;
  readonly name: string;
}

interface Seen {
  readonly snapshot: Snapshot | null;
  readonly me: Me | null;
  readonly isStale: boolean;
  readonly trouble: string;
}

const STAGES = ['brief', 'preflight', 'live', 'restore', 'settle', 'over'] as const;
/** A shape with every word, so that no colour is needed. */
const STATES: Readonly<Record<Snapshot['state'], readonly [string, string]>> = {
  STARTING: ['…', 'soft'],
  STEADY: ['●', 'good'],
  INJECTED: ['◌', 'warn'],
  BROKEN: ['✗', 'bad'],
  HEALED: ['◐', 'warn'],
  RECOVERING: ['▲', 'warn'],
  SETTLED: ['■', 'calm'],
  ABORTING: ['✗', 'bad'],
};

export function DayView({ snapshot, me, isStale, trouble }: Seen) {
  const [isWall, setWall] = useState(false);
  useEffect(() => {
    document.body.classList.toggle('wall', isWall);
  }, [isWall]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'w' && !isTyping(event)) setWall((before) => !before);
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
  const hasHands = me?.isOperator === true && snapshot?.over === null;
  if (snapshot === null) return <p role="status">{trouble === '' ? 'Connecting.' : trouble}</p>;
  return (
    <>
      {isStale && (
        <p class="staleness" role="alert">
          Nothing was heard since {clock(snapshot.wallMs)}: what stands here is old. Trying again.
        </p>
      )}
      <Head snapshot={snapshot}>{hasHands && <Abort name={me.name} />}</Head>
      <ol class="stages" aria-label="the day">
        {STAGES.map((stage) => (
          <li key={stage} aria-current={stage === snapshot.stage ? 'step' : undefined}>
            {stage}
          </li>
        ))}
      </ol>
      <p class="sentence" role="status">
        {snapshot.sentence}
      </p>
      <Fuses snapshot={snapshot} />
      <div class="cells">
        <div class="column">
          <Sum sum={snapshot.sum} />
          <Volumes volumes={snapshot.volumes} />
          <Queue snapshot={snapshot} />
        </div>
        <div class="column">
          {hasHands && <Hands snapshot={snapshot} name={me.name} />}
          <Promises promises={snapshot.promises} />
          <Log lines={snapshot.log} />
        </div>
      </div>
    </>
  );
}

function Head({ snapshot, children }: { readonly snapshot: Snapshot; readonly children: ComponentChildren }) {
  const [shape, tone] = STATES[snapshot.state];
  const isLoud = snapshot.state === 'BROKEN' || snapshot.state === 'ABORTING';
  const days = Math.floor(snapshot.simulatedMs / 86_400_000);
  return (
    <header class="head">
      <h1 class={`state ${tone}`} aria-live={isLoud ? 'assertive' : 'polite'}>
        <span aria-hidden="true">{shape} </span>
        {snapshot.state}
      </h1>
      <Faults snapshot={snapshot} />
      <p class="clock">
        T+ <strong>{duration(snapshot.tMs)}</strong> · {clock(snapshot.wallMs)}
        {days > 0 && ` · simulated day ${String(days + 1)}`}
        <br />
        <span class="soft">{snapshot.stack}</span>
      </p>
      {children}
      {snapshot.over !== null && (
        <p>
          Over: <strong>{snapshot.over.verdict}</strong>. Report: <code>{snapshot.over.report}</code>
        </p>
      )}
    </header>
  );
}
