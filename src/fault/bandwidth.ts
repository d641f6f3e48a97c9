import { bothWays, toxicFault } from './toxic-fault.js';

/** What the storage probe writes in one operation; a slow link shows as the time this takes. */
const PROBE_PAYLOAD_BYTES = 4_096;

/** The link carries only so many bytes a second. Toxiproxy counts in KB/s of 1,000 bytes. */
export const bandwidth = toxicFault('bandwidth', {
  toxics: (fault) =>
    bothWays((stream) => ({
      type: 'bandwidth',
      stream,
      attributes: { rate: Math.max(1, Math.round(fault.rate / 1_000)) },
    })),
  feeling: (fault) => ({
    kind: 'slower',
    byMs: Math.max(1, (PROBE_PAYLOAD_BYTES / fault.rate) * 1_000 * 0.8),
  }),
});
