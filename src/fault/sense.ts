import { formatDurationMs } from '../units/duration.js';
import type { ProbeSample } from './probe-sample.js';

/** What the storage probe must see before a fault counts as felt; declared by each fault (src/fault). */
export type Feeling =
  /** One of these errno values, with this probability. */
  | { readonly kind: 'errno'; readonly errnos: readonly string[]; readonly probability: number }
  /** Operations that take at least this much longer than before the fault. */
  | { readonly kind: 'slower'; readonly byMs: number; /** Of operations that are. */ readonly share: number }
  /** Operations that block until the probe's deadline, or fail because the array is not there. */
  | { readonly kind: 'unreachable' }
  /** Unreachable, reachable again, and unreachable again. */
  | { readonly kind: 'alternating' }
  /** The path is no mount point. */
  | { readonly kind: 'unmounted' };

const UNREACHABLE = new Set(['ENOTCONN', 'ECONNRESET', 'ETIMEDOUT', 'ECONNREFUSED', 'EPIPE']);
/** Clean results of every operation before a fault counts as gone: one could be a lucky one. */
const CLEAN_ROUNDS = 2;

/**
 * What stands for an errno in samples of a lost mount; there is no such errno, and nobody need know it. Evidence of saved
 * runs says it as well.
 */
const NOT_MOUNTED = 'ENOTMNT';

/** Evidence in plain words, of a run that was saved by any version. */
export function plainEvidence(evidence: string): string {
  return evidence.replace(/mounted → ENOTMNT after [\d.]+ \S+/g, 'the volume is not mounted');
}

/** The name of an errno as a person reads it. */
export function plainErrno(errno: string): string {
  return errno === NOT_MOUNTED ? 'not mounted' : errno;
}

function text(sample: ProbeSample): string {
  if (sample.errno === NOT_MOUNTED) return `${sample.service}: the volume is not mounted`;
  const took = formatDurationMs(sample.ms);
  if (sample.outcome === 'blocked') return `${sample.service}: ${sample.operation} blocked for ${took}`;
  return `${sample.service}: ${sample.operation} → ${sample.errno ?? 'ok'} after ${took}`;
}

function isUnreachable(sample: ProbeSample): boolean {
  return sample.outcome === 'blocked' || (sample.errno !== null && UNREACHABLE.has(sample.errno));
}

/** How long each operation takes on a healthy volume: the median of what was seen, by operation. */
export class ProbeBaseline {
  readonly #samples = new Map<string, number[]>();

  add(sample: ProbeSample): void {
    if (sample.outcome !== 'ok') return;
    const samples = this.#samples.get(sample.operation) ?? [];
    if (samples.length < 500) samples.push(sample.ms);
    this.#samples.set(sample.operation, samples);
  }

  /** Median in milliseconds; 0 for an operation never seen. */
  medianMs(operation: string): number {
    const sorted = [...(this.#samples.get(operation) ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  get operations(): readonly string[] {
    return [...this.#samples.keys()];
  }
}

/** Whether one sample shows the fault: of a path that comes and goes, that it is gone. */
export function isFelt(feeling: Feeling, sample: ProbeSample, baseline: ProbeBaseline): boolean {
  switch (feeling.kind) {
    case 'errno':
      return sample.errno !== null && feeling.errnos.includes(sample.errno);
    case 'slower':
      return sample.outcome !== 'error' && sample.ms >= baseline.medianMs(sample.operation) + feeling.byMs;
    case 'unreachable':
    case 'alternating':
      return isUnreachable(sample);
    case 'unmounted':
      return sample.operation === 'mounted' && sample.outcome === 'error';
  }
}

/** Decides from the probe's samples when one fault is felt, and after its heal when it is gone. Pure but for its own state. */
export class FaultSense {
  readonly #feeling: Feeling;
  readonly #baseline: ProbeBaseline;
  #turns = 0;
  readonly #clean = new Map<string, number>();

  constructor(feeling: Feeling, baseline: ProbeBaseline) {
    this.#feeling = feeling;
    this.#baseline = baseline;
  }

  /** The evidence, once the sample shows the fault; null until then. */
  felt(sample: ProbeSample): string | null {
    return this.#shows(sample) ? text(sample) : null;
  }

  /** The evidence, once every operation has gone well again; null until then. Only samples after the heal. */
  gone(sample: ProbeSample): string | null {
    const healthy = sample.outcome === 'ok' && !this.#slow(sample);
    this.#clean.set(sample.operation, healthy ? (this.#clean.get(sample.operation) ?? 0) + 1 : 0);
    const operations = this.#baseline.operations;
    if (operations.length === 0) return null;
    const allClean = operations.every((operation) => (this.#clean.get(operation) ?? 0) >= CLEAN_ROUNDS);
    return allClean
      ? `${sample.service}: ${operations.join(', ')} all ok again, ${String(CLEAN_ROUNDS)} times`
      : null;
  }

  #slow(sample: ProbeSample): boolean {
    if (this.#feeling.kind !== 'slower') return false;
    // Half of what was added: what remains is neither the fault nor the noise of a busy machine.
    return sample.ms >= this.#baseline.medianMs(sample.operation) + this.#feeling.byMs / 2;
  }

  #shows(sample: ProbeSample): boolean {
    if (this.#feeling.kind !== 'alternating') return isFelt(this.#feeling, sample, this.#baseline);
    const wantsDown = this.#turns % 2 === 0;
    if (wantsDown ? isUnreachable(sample) : sample.outcome === 'ok') this.#turns += 1;
    return this.#turns >= 3;
  }
}
