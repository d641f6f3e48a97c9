import { bytesPerSecond } from '../../units/fields.js';
import { bothWays } from '../act.js';
import { defineFaultKind } from '../kind.js';

/** What the storage probe writes in one operation; a slow link shows as the time this takes. */
const PROBE_PAYLOAD_BYTES = 4_096;

/** Toxiproxy counts in KB/s of 1,000 bytes; what is felt is what it was told. */
function toxicRate(bytesPerSecond: number): number {
  return Math.max(1, Math.round(bytesPerSecond / 1_000));
}

/** The link carries only so many bytes a second. */
export const bandwidth = defineFaultKind({
  name: 'bandwidth',
  place: 'volume',
  title: 'a starved path to the storage',
  parameters: { rate: bytesPerSecond },
  example: { rate: '8 KiB/s' },
  describe: ({ rate }) => ({
    act: bothWays((stream) => ({ type: 'bandwidth', stream, attributes: { rate: toxicRate(rate) } })),
    feeling: { kind: 'slower', byMs: Math.max(1, (PROBE_PAYLOAD_BYTES / toxicRate(rate)) * 0.8), share: 1 },
    traits: { storing: 'slowed', showing: 'possible', hangs: false },
  }),
});
