import type { Judgement } from '../check/judgement.js';
import type { HistoryEvent } from '../history/event.js';
import type { Scenario } from '../scenario/scenario.js';

/** What a reporter knows when a run begins. */
export interface RunHeader {
  readonly id: string;
  readonly dir: string;
  readonly scenario: Scenario;
  readonly stack: string;
  readonly stackTitle: string;
  /** Where another stack than the scenario's own was tested: that one, and why. */
  readonly insteadOf: { readonly of: string; readonly because: string } | null;
  readonly driver: string;
  readonly seed: number;
  readonly version: string;
  /** Settings of the stack that differ from stock, where its definition is known. */
  readonly deviations?: readonly Deviation[];
}

/** Which stack ran, and on what: `postfix-dovecot (docker)`. */
export function stackAndDriver({ stack, driver }: Pick<RunHeader, 'stack' | 'driver'>): string {
  return `${stack} (${driver})`;
}

/** One setting of a tested service that is not as its maker ships it. */
interface Deviation {
  readonly service: string;
  readonly setting: string;
  readonly stock: string;
  readonly here: string;
  readonly why: string;
}

/** A run that is over and judged. */
export interface RunReport extends RunHeader {
  readonly judgement: Judgement;
  readonly exitCode: number;
  /** What failed in the harness itself, one sentence each. */
  readonly failures: readonly string[];
  /** The command that does the same run again. */
  readonly rerun: string;
  /** The scenario file: where it is for the reader, and its text. */
  readonly scenarioFile: string;
  readonly scenarioSource: string;
}

/** A small class of hooks, each optional. A reporter that throws is reported and never breaks a run. */
export interface Reporter {
  readonly name: string;
  started?(header: RunHeader): void;
  progress?(line: string): void;
  event?(event: HistoryEvent): void;
  ended?(report: RunReport): void | Promise<void>;
  /** After the last of several runs. */
  finished?(reports: readonly RunReport[]): void | Promise<void>;
}
