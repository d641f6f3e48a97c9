import { isFelt, type Feeling, type ProbeBaseline } from '../fault/sense.js';
import type { EventOf } from './event.js';

type Sample = EventOf<'probe.sampled'>;

interface Count {
  samples: number;
  felt: number;
}

/** What the storage probe saw of one fault from its being felt to its heal: of each operation, how often it felt it. */
export class HoldSamples {
  readonly #byOperation = new Map<string, Count>();
  /** Changes from felt to not felt and back. */
  turns = 0;
  #last: boolean | null = null;

  see(sample: Sample, feeling: Feeling, baseline: ProbeBaseline): void {
    const felt = isFelt(feeling, sample, baseline);
    const count = this.#byOperation.get(sample.operation) ?? { samples: 0, felt: 0 };
    this.#byOperation.set(sample.operation, count);
    count.samples += 1;
    if (felt) count.felt += 1;
    // Looking at the mount table goes on well when the path to the array is gone.
    if (sample.operation === 'mounted') return;
    if (this.#last !== null && this.#last !== felt) this.turns += 1;
    this.#last = felt;
  }

  get samples(): number {
    return this.#sum((count) => count.samples);
  }

  get felt(): number {
    return this.#sum((count) => count.felt);
  }

  /** The greatest share of an operation's samples that felt the fault: a fault need not be in every operation. */
  get greatestShare(): number {
    return Math.max(0, ...[...this.#byOperation.values()].map(({ samples, felt }) => felt / samples));
  }

  #sum(of: (count: Count) => number): number {
    return [...this.#byOperation.values()].reduce((sum, count) => sum + of(count), 0);
  }
}

/** Of each operation of a fault with probability 1, so many samples at least feel it; of others in proportion. */
const MIN_SHARE = 0.8;
/** With less than so many samples of an operation, chance alone may be below the probability. */
const FEW = 10;

/**
 * Why these samples are no evidence that the fault was there through its whole hold; null where they are.
 * @param beside what was seen while another fault may have hidden it. Where that was all the time, once is enough.
 */
export function whyNotHeld(held: HoldSamples, beside: HoldSamples, feeling: Feeling): string | null {
  if (held.samples === 0 && beside.samples > 0) {
    return beside.felt > 0
      ? null
      : `in ${String(beside.samples)} samples of the probe, all beside another fault, it was not seen once`;
  }
  if (held.samples === 0) return 'the storage probe saw nothing while it lasted';
  if (feeling.kind === 'alternating') {
    return held.turns >= 1
      ? null
      : `the path did not come and go in ${String(held.samples)} samples of the probe`;
  }
  const demanded = MIN_SHARE * probabilityOf(feeling);
  const share = held.greatestShare;
  const enough = demanded < MIN_SHARE && held.samples < FEW ? held.felt > 0 : share >= demanded;
  if (enough) return null;
  return `the probe felt it in ${percent(share)} of its samples while it lasted, ${percent(demanded)} are demanded`;
}

function probabilityOf(feeling: Feeling): number {
  switch (feeling.kind) {
    case 'errno':
      return feeling.probability;
    case 'slower':
      return feeling.share;
    case 'unreachable':
    case 'alternating':
    case 'unmounted':
      return 1;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
