import type { HistoryEvent } from '../history/event.js';
import type { LoadedScenario } from '../scenario/load.js';
import type { Plan } from '../scenario/plan.js';
import type { Driver } from '../stack/driver.js';
import type { ActSource, LiveRun } from './acts.js';

export interface RunRequest {
  readonly loaded: LoadedScenario;
  readonly driver: Driver;
  readonly seed: number;
  readonly reportsDir: string;
  readonly keep: boolean;
  readonly toxiproxy: string | undefined;
  readonly version: string;
  /** Aborted by Ctrl-C: the run heals, tears down and ends as interrupted. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** Where its acts come from, in place of the scenario's timeline. */
  readonly acts?: ActSource | undefined;
  /** Hears once, when mail flows and the first act may come. */
  readonly live?: ((run: LiveRun) => void) | undefined;
  /** Who heals what is broken when this process dies or hangs; undefined: nobody does. */
  readonly lease?: FaultLease | undefined;
}

/** Faults stay only for as long as this process is heard of. */
export interface FaultLease {
  /** After so long without a sign of life of this process all faults are healed by another. At least a second. */
  readonly silentMs: number;
}

/** What a live display hears of a run. */
interface RunObserver {
  readonly started?: (run: { readonly id: string; readonly dir: string; readonly plan: Plan }) => void;
  readonly progress?: (line: string) => void;
  readonly event?: (event: HistoryEvent) => void;
}
