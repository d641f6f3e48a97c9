import { expect } from 'vitest';
import type { MailCounts } from '../check/judgement.js';
import { recoveryMs } from '../check/delivered-after-recovery.js';
import type { RunReport } from '../report/reporter.js';
import type { CheckName } from '../scenario/limits.js';
import { formatDurationMs, parseDurationMs } from '../units/duration.js';

interface DrillMatchers<R> {
  /** No accepted message disappeared. */
  toHaveLostNothing(): R;
  /** No message to a valid recipient bounced. */
  toHaveBouncedNothing(): R;
  /** No sender was refused for good. */
  toHaveRejectedNothing(): R;
  /** No message arrived more often than it may. */
  toHaveDuplicatedNothing(): R;
  /** Every accepted message is in its mailbox. */
  toHaveDeliveredEverything(): R;
  /** The last message that waited arrived within the duration (`30s`) after the heal. */
  toHaveRecoveredWithin(duration: string): R;
  /** One check passed. */
  toHaveKept(check: CheckName): R;
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- how vitest's matchers are extended
  interface Matchers<T> extends DrillMatchers<T> {}
}

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}

function outcome(pass: boolean, told: string, { dir }: RunReport): Outcome {
  return { pass, message: () => `${told}\nreport: ${dir}/report.html` };
}

/** Nothing of a kind; nothing accepted proves nothing, and is no pass. */
function nothing(run: RunReport, counts: readonly (keyof MailCounts)[], what: string): Outcome {
  const { mail } = run.judgement;
  const count = counts.reduce((sum, name) => sum + mail[name], 0);
  return outcome(
    mail.accepted > 0 && count === 0,
    `${count} messages ${what}, ${mail.accepted} accepted`,
    run,
  );
}

expect.extend({
  toHaveLostNothing: (run: RunReport) => nothing(run, ['lost', 'unaccounted'], 'lost or unaccounted for'),
  toHaveBouncedNothing: (run: RunReport) => nothing(run, ['bounced'], 'bounced'),
  toHaveRejectedNothing: (run: RunReport) => nothing(run, ['rejected'], 'refused for good'),
  toHaveDuplicatedNothing: (run: RunReport) => nothing(run, ['duplicated'], 'delivered too often'),
  toHaveDeliveredEverything: (run: RunReport) => {
    const { accepted, delivered } = run.judgement.mail;
    return outcome(
      accepted > 0 && delivered === accepted,
      `${delivered} of ${accepted} messages delivered`,
      run,
    );
  },
  toHaveRecoveredWithin: (run: RunReport, duration: string) => {
    const limitMs = parseDurationMs(duration);
    if (limitMs === undefined) throw new TypeError(`${JSON.stringify(duration)} is no duration such as 30s`);
    const tookMs = recoveryMs(run.judgement);
    if (tookMs === null) return outcome(false, 'no message that waited was delivered after the heal', run);
    return outcome(
      tookMs <= limitMs,
      `the last message arrived ${formatDurationMs(tookMs)} after the heal`,
      run,
    );
  },
  toHaveKept: (run: RunReport, check: CheckName) => {
    const result = run.judgement.checks.find(({ name }) => name === check);
    return outcome(
      result?.verdict === 'pass',
      `${check}: ${result?.verdict ?? 'unknown'}, ${result?.observed ?? ''}`,
      run,
    );
  },
});
