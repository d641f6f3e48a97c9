import { describeFault } from '../fault/registry.js';
import { plainEvidence } from '../fault/sense.js';
import { whyNotHeld } from '../history/hold-samples.js';
import type { FaultRecord } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { conclude, counted, defineCheck, Findings, without, type Evidence } from './check.js';
import { isUsed } from './outage.js';

export const faultFelt = defineCheck(
  'fault-felt',
  'The storage probe felt every fault soon after its injection.',
  ['probe'],
  ['injected', 'felt', 'slowestMs'],
  (evidence, { within }) => {
    const limit = `each within ${formatDurationMs(within)}`;
    const { scenario, fold } = evidence;
    const { faults } = fold.outages;
    if (faults.length === 0) {
      return scenario?.baseline === true
        ? without('skipped', 'the scenario is a baseline and injects no fault', limit)
        : without('inconclusive', 'no fault was injected', limit);
    }
    const felt = faults.filter(({ feltAt }) => feltAt !== null);
    const slowestMs = Math.max(0, ...felt.map((fault) => (fault.feltAt ?? 0) - (fault.injectedAt ?? 0)));
    return conclude({
      // That a fault did not work says nothing about the mail stack: it is a doubt, never a finding.
      findings: new Findings(),
      doubt: whyUnsure(evidence, faults, within),
      observed: `${felt.length} of ${counted(faults.length, 'fault')} felt, after ${formatDurationMs(slowestMs)}${felt[0]?.evidence ? `: ${plainEvidence(felt[0].evidence)}` : ''}`,
      limit,
      figures: { injected: faults.length, felt: felt.length, slowestMs },
    });
  },
);

function whyUnsure(evidence: Evidence, faults: readonly FaultRecord[], withinMs: number): string | null {
  for (const fault of faults) {
    const what = `${fault.name} on ${fault.volume}`;
    if (!isUsed(evidence, fault.volume)) return `${what}: no mailbox lies on that volume`;
    if (fault.injectedAt === null) return `${what} was never injected`;
    if (fault.feltAt === null) return `${what} was injected and never felt`;
    if (fault.feltAt - fault.injectedAt > withinMs) {
      return `${what} was felt only ${formatDurationMs(fault.feltAt - fault.injectedAt)} after its injection`;
    }
    // One sample is no evidence: the fault must have been there all the time. What another one hid must have shown once.
    const feeling = describeFault(fault.name, fault.parameters)?.feeling;
    if (feeling === undefined)
      return `${what} is no fault that this version knows: its evidence cannot be weighed`;
    const unheld = whyNotHeld(fault.held, fault.heldBeside, feeling);
    if (unheld !== null) return `${what} is said to be felt, but ${unheld}`;
  }
  return null;
}
