import type { Judgement } from '../check/judgement.js';
import type { CheckResult } from '../check/result.js';
import type { CheckName } from '../scenario/limits.js';

/** Why a stack probably broke a promise, and what mends it. docs/checks.md has the same table. */
export interface LikelyCause {
  readonly cause: string;
  /** The setting that mends it. */
  readonly mend: string;
}

/** A cause, and by what it is known. All that is given must hold. */
interface Sign extends LikelyCause {
  readonly checks: readonly CheckName[];
  /** Matches a finding or its evidence. */
  readonly seen?: RegExp;
  /** One of these faults was in the run. */
  readonly faults?: readonly string[];
  /** The tested MTA or store, by a package whose version was measured. */
  readonly software: 'postfix' | 'dovecot' | null;
}

/** The first that fits a check is told. */
export const CAUSES: readonly Sign[] = [
  {
    checks: ['no-loss'],
    seen: /under the mount point/,
    software: null,
    cause: 'the bare mount point can be written to, so mail is stored under it while the volume is away',
    mend: 'give the mount point to root with mode 0555 before the volume is mounted (mountPoint: protected in stack.yaml)',
  },
  {
    checks: ['no-bounce', 'no-reject'],
    seen: /\b55[24]\b.*\b5\.2\.2\b/,
    software: 'dovecot',
    cause: 'a full quota is answered with 552, which is for good',
    mend: 'quota_full_tempfail = yes (Dovecot)',
  },
  {
    checks: ['no-bounce'],
    // What another server said is not what this one met when it wrote.
    seen: /^(?!.*(?:\bsaid: |smtp;)).*\b5\.(?:3\.0|2\.[0-2])\b/i,
    faults: ['vendor-os-bug', 'quota-exceeded', 'stall', 'read-only', 'disk-full', 'stale-handle'],
    software: 'postfix',
    cause: 'the MTA writes to the volume itself, and takes an error of the storage for final',
    mend: 'virtual_transport = lmtp:… (Postfix): hand mail over LMTP to a store that answers 451',
  },
  {
    checks: ['blast-radius'],
    faults: ['latency', 'bandwidth', 'stall', 'blackhole', 'slow-disk', 'flap', 'refuse', 'array-crash'],
    software: 'postfix',
    cause:
      'all volumes share one LMTP transport, and what hangs on one takes the delivery slots of the others',
    mend: 'one transport for each volume in master.cf, chosen by transport_maps (NOBOUNCE_TRANSPORT: per-volume)',
  },
  {
    checks: ['no-bounce', 'lifetime-margin'],
    faults: ['mx-closed'],
    software: null,
    cause: 'the senders’ servers keep mail for less time than the MX was closed',
    mend: 'nothing in this stack: open a second MX, or open the first one sooner',
  },
  {
    checks: ['lifetime-margin'],
    software: 'postfix',
    cause: 'the queue keeps mail for less time than outage and drain took',
    mend: 'maximal_queue_lifetime and bounce_queue_lifetime (Postfix), longer than the longest outage',
  },
  {
    checks: ['sender-told'],
    seen: /never told/,
    software: 'postfix',
    cause: 'by default Postfix tells no one that mail waits',
    mend: 'delay_warning_time = 4h (Postfix)',
  },
  {
    checks: ['no-duplicates'],
    faults: ['refuse', 'flap', 'stall', 'mount-lost', 'reset', 'blackhole', 'array-crash'],
    software: 'dovecot',
    cause:
      'a connection to the storage was cut while the store finished a delivery: the file stayed, and the MTA was told 451',
    mend: 'a mount that waits for the next connection instead of failing what is under way (failoverS, or a hard mount)',
  },
];

/** What a check says of a run, searched for signs. */
function isSeen(check: CheckResult, seen: RegExp): boolean {
  return (
    check.groups.some(({ what }) => seen.test(what)) ||
    check.findings.some(
      ({ summary, evidence }) => seen.test(summary) || evidence.some((line) => seen.test(line)),
    )
  );
}

/** Why the promise was probably broken; null where the table does not know, or it was kept. */
export function likelyCause(check: CheckResult, { faults, versions }: Judgement): LikelyCause | null {
  if (check.verdict !== 'fail') return null;
  const names = new Set(faults.map(({ name }) => name));
  const packages = versions.flatMap((service) => Object.keys(service.versions));
  const isOf = (software: Sign['software']): boolean =>
    software === null || packages.some((name) => name.toLowerCase().startsWith(software));
  const known = CAUSES.find(
    (sign) =>
      sign.checks.includes(check.name) &&
      (sign.faults === undefined || sign.faults.some((name) => names.has(name))) &&
      (sign.seen === undefined || isSeen(check, sign.seen)) &&
      isOf(sign.software),
  );
  return known === undefined ? null : { cause: known.cause, mend: known.mend };
}

/** The likely causes of all broken promises, each once, with the checks that it explains. */
export function likelyCauses(
  judgement: Judgement,
): readonly (LikelyCause & { readonly checks: readonly CheckName[] })[] {
  const found = new Map<string, LikelyCause & { readonly checks: CheckName[] }>();
  for (const check of judgement.checks) {
    const known = likelyCause(check, judgement);
    if (known === null) continue;
    const told = found.get(known.cause) ?? { ...known, checks: [] };
    told.checks.push(check.name);
    found.set(known.cause, told);
  }
  return [...found.values()];
}
