import type { HistoryEvent } from '../history/event.js';

/** What "now" is: long enough for some mail, short enough to see a change. */
const NOW_MS = 10_000;
const MOST_KEPT = 2_000;
/** So many samples of steady state are enough for a median. */
const MOST_STEADY = 1_000;

interface Delivery {
  readonly at: number;
  readonly tookMs: number;
}

/** How fast each volume takes mail, and what its storage probe says. */
export class VolumeTimes {
  readonly #acceptedAt = new Map<string, number>();
  readonly #volumes = new Map<string, string>();
  readonly #recent = new Map<string, Delivery[]>();
  readonly #steady = new Map<string, number[]>();
  readonly #trouble = new Map<string, { readonly operation: string; readonly errno: string } | null>();

  see(event: HistoryEvent, isSteady: boolean): void {
    switch (event.type) {
      case 'run.started':
        for (const { address, volume } of event.mailboxes) this.#volumes.set(address.toLowerCase(), volume);
        break;
      case 'attempt.ended':
        if (event.outcome === 'accepted') this.#acceptedAt.set(event.id, event.t);
        break;
      case 'outside.received':
        if (event.id !== null) this.#acceptedAt.delete(event.id);
        break;
      case 'copy.found':
        this.#delivered(event.id, event.mailbox, event.t, isSteady);
        break;
      case 'probe.sampled':
        if (event.outcome !== 'ok')
          this.#trouble.set(event.volume, { operation: event.operation, errno: event.errno ?? 'no answer' });
        else if (this.#trouble.get(event.volume)?.operation === event.operation)
          this.#trouble.set(event.volume, null);
        break;
      default:
        break;
    }
  }

  /** Null where the probe is content. */
  troubleOn(volume: string): { readonly operation: string; readonly errno: string } | null {
    return this.#trouble.get(volume) ?? null;
  }

  /** The median delivery time of the last ten seconds; null where nothing came. */
  nowMs(volume: string, at: number): number | null {
    const recent = (this.#recent.get(volume) ?? []).filter((delivery) => at - delivery.at <= NOW_MS);
    return median(recent.map(({ tookMs }) => tookMs));
  }

  steadyMs(volume: string): number | null {
    return median(this.#steady.get(volume) ?? []);
  }

  #delivered(id: string | null, mailbox: string, at: number, isSteady: boolean): void {
    const acceptedAt = id === null ? undefined : this.#acceptedAt.get(id);
    const volume = this.#volumes.get(mailbox.toLowerCase());
    if (id === null || acceptedAt === undefined || volume === undefined) return;
    this.#acceptedAt.delete(id);
    const tookMs = Math.max(0, at - acceptedAt);
    const recent = this.#recent.get(volume) ?? [];
    recent.push({ at, tookMs });
    this.#recent.set(volume, recent.length > MOST_KEPT ? recent.slice(-MOST_KEPT / 2) : recent);
    const steady = this.#steady.get(volume) ?? [];
    if (isSteady && steady.length < MOST_STEADY) this.#steady.set(volume, [...steady, tookMs]);
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
