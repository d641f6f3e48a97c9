/** Bytes that one proxy moved in one direction, as upstream's collectors/proxy.go counts them. */
export interface ByteCounters {
  receivedBytes: number;
  sentBytes: number;
}

/** The labels of one time series, in the order Prometheus writes them. */
export interface MetricLabels {
  readonly direction: string;
  readonly listener: string;
  readonly proxy: string;
  readonly upstream: string;
}

/**
 * The two counters of upstream's collectors/proxy.go. They are counted as bytes move; upstream adds them
 * when a connection ends, and needs a flag to count at all.
 */
export class Metrics {
  readonly #series = new Map<string, ByteCounters>();

  /** The counters of one series; the same labels give the same counters for as long as the server lives. */
  counters(labels: MetricLabels): ByteCounters {
    const key = formatLabels(labels);
    let counters = this.#series.get(key);
    if (counters === undefined) {
      counters = { receivedBytes: 0, sentBytes: 0 };
      this.#series.set(key, counters);
    }
    return counters;
  }

  /** All series in the Prometheus text format 0.0.4. Series without a single byte are left out, as upstream's are. */
  render(): string {
    return (
      this.#renderFamily('toxiproxy_proxy_received_bytes_total', ({ receivedBytes }) => receivedBytes) +
      this.#renderFamily('toxiproxy_proxy_sent_bytes_total', ({ sentBytes }) => sentBytes)
    );
  }

  #renderFamily(name: string, read: (counters: ByteCounters) => number): string {
    const lines = [...this.#series]
      .filter(([, counters]) => read(counters) > 0)
      .map(([labels, counters]) => `${name}{${labels}} ${formatCount(read(counters))}\n`)
      .sort();
    return lines.length === 0 ? '' : `# HELP ${name} \n# TYPE ${name} counter\n${lines.join('')}`;
  }
}

/** As Go's strconv formats a float64 with 'g': an exponent from a million on. */
function formatCount(count: number): string {
  if (count < 1e6) return String(count);
  return count.toExponential().replace(/e\+(\d)$/, 'e+0$1');
}

function formatLabels({ direction, listener, proxy, upstream }: MetricLabels): string {
  return Object.entries({ direction, listener, proxy, upstream })
    .map(
      ([label, value]) =>
        `${label}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`,
    )
    .join(',');
}
