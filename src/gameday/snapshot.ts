/** What a page shows: everything there is to know of the day at one moment, as plain data. */
export interface Snapshot {
  /** The number of the event that it was made behind: a later snapshot has a greater one. */
  readonly event: number;
  /** Epoch milliseconds by the harness's clock. */
  readonly wallMs: number;
  /** Since the run's start. */
  readonly tMs: number;
  /** The same by the stack's simulated clock. */
  readonly simulatedMs: number;
  readonly title: string;
  readonly stack: string;
  readonly stage: Stage;
  readonly state: State;
  /** What is broken and since when, for the line beside the state. */
  readonly faults: readonly FaultView[];
  readonly sentence: string;
  readonly sum: Sum;
  /** Until the first message in a queue bounces, in milliseconds of the stack's clock; null where nothing waits or no MTA says. */
  readonly fuseMs: number | null;
  /** How long an MTA keeps mail: the whole of the fuse. */
  readonly lifetimeMs: number | null;
  readonly promises: readonly PromiseView[];
  readonly volumes: readonly VolumeView[];
  /** Depth of all queues, oldest first, at equal distances; null: not known. */
  readonly queue: {
    readonly spanMs: number;
    readonly fromMs: number;
    readonly depths: readonly (number | null)[];
  };
  readonly log: readonly LogLine[];
  readonly controls: string | null;
  readonly isGo: boolean;
  readonly preflight: readonly PreflightItem[];
  /** Set when the day is over. */
  readonly over: { readonly verdict: string; readonly headline: string; readonly report: string } | null;
}

type Stage = 'brief' | 'preflight' | 'live' | 'restore' | 'settle' | 'over';

/** A word, never a colour alone; INJECTED is not yet felt, HEALED is not yet gone. */
export type State =
  'STARTING' | 'STEADY' | 'INJECTED' | 'BROKEN' | 'HEALED' | 'RECOVERING' | 'SETTLED' | 'ABORTING';

export interface FaultView {
  readonly key: string;
  readonly name: string;
  readonly title: string;
  readonly volume: string;
  readonly state: 'injected' | 'felt' | 'healed';
  /** When it got into this state. */
  readonly sinceMs: number;
  readonly evidence: string;
  /** When it heals by itself: epoch milliseconds. */
  readonly healsAtMs: number | null;
}

/** Accepted mail: its parts always add up to `accepted`. */
export interface Sum {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly bounced: number;
  readonly lost: number;
  /** Accepted, and not yet seen anywhere. */
  readonly underWay: number;
  /** Beside the sum: refused for good, arrived twice, damaged. */
  readonly refused: number;
  readonly duplicated: number;
  readonly corrupted: number;
}

export interface PromiseView {
  readonly name: string;
  readonly standing: 'holding' | 'at risk' | 'broken' | 'not yet known';
  readonly told: string;
  /** The first message of a broken promise. */
  readonly message: string | null;
}

export interface VolumeView {
  readonly name: string;
  readonly isBroken: boolean;
  /** What its storage probe said last that was not ok, in plain words; empty where it is well. */
  readonly trouble: string;
  readonly mailboxes: number;
  /** Of all mailboxes. */
  readonly share: number;
  /** Median delivery time of the last ten seconds, and of steady state; null where nothing was delivered. */
  readonly nowMs: number | null;
  readonly steadyMs: number | null;
}

export interface LogLine {
  readonly number: number;
  readonly tMs: number;
  readonly wallMs: number;
  readonly text: string;
  /** Who did or wrote it; null: it happened by itself. */
  readonly by: string | null;
  readonly kind: 'act' | 'note' | 'event' | 'trouble';
}

interface PreflightItem {
  readonly text: string;
  readonly ok: boolean;
}
