import { blastRadius } from './blast-radius.js';
import type { Check } from './check.js';
import { deliveredAfterRecovery } from './delivered-after-recovery.js';
import { faultFelt } from './fault-felt.js';
import { faultGone } from './fault-gone.js';
import { honestLogin } from './honest-login.js';
import { lifetimeMargin } from './lifetime-margin.js';
import { mailboxIntact } from './mailbox-intact.js';
import { noBackscatter } from './no-backscatter.js';
import { noBounce } from './no-bounce.js';
import { noCrash } from './no-crash.js';
import { noCorruption } from './no-corruption.js';
import { noDuplicates } from './no-duplicates.js';
import { noGhosts } from './no-ghosts.js';
import { noLoss } from './no-loss.js';
import { noReject } from './no-reject.js';
import { outboundFlows } from './outbound-flows.js';
import { queueDrains } from './queue-drains.js';
import { queuedDuringOutage } from './queued-during-outage.js';
import { selfCheck } from './self-check.js';
import { senderTold } from './sender-told.js';
import { soundHistory } from './sound-history.js';

/** Whether promises were kept. */
export const PROMISES: readonly Check[] = [
  noBounce,
  noReject,
  noLoss,
  noDuplicates,
  noCorruption,
  noGhosts,
  queuedDuringOutage,
  deliveredAfterRecovery,
  mailboxIntact,
  outboundFlows,
  honestLogin,
  blastRadius,
  queueDrains,
  noBackscatter,
  noCrash,
  lifetimeMargin,
  senderTold,
];

/** Whether the run can be judged at all. */
export const FRAME: readonly Check[] = [faultFelt, faultGone, selfCheck, soundHistory];

/** Every check, in the order in which reports show them. */
export const CHECKS: readonly Check[] = [...PROMISES, ...FRAME];
