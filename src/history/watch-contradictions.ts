import type { EventOf } from './event.js';
import { callsCredentialsWrong } from './logins.js';
import type { Mailboxes } from './mailboxes.js';

type Visit = EventOf<'reader.visited'>;
type Step = Visit['steps'][number];

/** A session's steps in their order. */
const ORDER: readonly Step['step'][] = ['connect', 'login', 'select', 'fetch'];

/** Response codes that come with NO alone (RFC 5530 section 3). */
const NO_CODES = new Set([
  'UNAVAILABLE',
  'AUTHENTICATIONFAILED',
  'AUTHORIZATIONFAILED',
  'EXPIRED',
  'PRIVACYREQUIRED',
  'CONTACTADMIN',
  'NOPERM',
  'INUSE',
  'CORRUPTION',
  'SERVERBUG',
  'CLIENTBUG',
  'CANNOT',
  'LIMIT',
  'OVERQUOTA',
  'NONEXISTENT',
]);

/** Where somebody looked for a mailbox, against where it lies; null where they agree. */
export function placeContradiction(
  mailboxes: Mailboxes,
  { mailbox, volume }: { readonly mailbox: string; readonly volume?: string },
): string | null {
  const found = mailboxes.find(mailbox);
  if (found === undefined) return 'no mailbox of this run';
  return volume === undefined || volume === found.volume ? null : `on ${volume} against ${found.volume}`;
}

/** Parts of a visit that cannot both be true; null where all agree. */
export function visitContradiction(visit: Visit): string | null {
  const { steps, exists, uidValidity, known } = visit;
  return stepsContradiction(steps) ?? shownContradiction({ steps, exists, uidValidity, known });
}

function stepsContradiction(steps: readonly Step[]): string | null {
  for (const [index, { step, outcome, code }] of steps.entries()) {
    if (outcome === 'ok' && code !== null && NO_CODES.has(code)) return `${step} was ok against [${code}]`;
    const next = steps[index + 1];
    if (next === undefined) continue;
    if (outcome !== 'ok') return `${next.step} was tried against ${step}, which was ${outcome}`;
    if (ORDER.indexOf(next.step) <= ORDER.indexOf(step)) return `${next.step} came behind ${step}`;
  }
  return null;
}

/** What a visit has seen, against the steps that would have shown it. */
function shownContradiction({
  steps,
  exists,
  uidValidity,
  known,
}: Pick<Visit, 'steps' | 'exists' | 'uidValidity' | 'known'>): string | null {
  const isDone = (name: Step['step']): boolean =>
    steps.some(({ step, outcome }) => step === name && outcome === 'ok');
  if ((exists !== null || uidValidity !== null) && !isDone('select'))
    return 'a mailbox was shown against a select that was not ok';
  if (known !== null && !isDone('fetch')) return `a message was ${known} against a fetch that was not ok`;
  if (known === null && isDone('fetch')) return 'a fetch was ok against no message';
  if (exists === 0 && (known === 'intact' || known === 'changed'))
    return `a message was ${known} against an empty mailbox`;
  return null;
}

/** Parts of a login that cannot both be true; null where all agree. */
export function loginContradiction({ service, outcome, code, text }: EventOf<'login.tried'>): string | null {
  const said = [code, text].filter(Boolean).join(' ');
  if (outcome === 'timeout') return code === null ? null : `no answer against ${said}`;
  // Whoever was let in may have been refused later on: only the answer to the credentials themselves speaks against it.
  const isRefusal = service === 'submission' ? code === '535' : code !== null && NO_CODES.has(code);
  if (outcome === 'ok') return isRefusal ? `ok against ${said}` : null;
  if (service === 'submission') {
    if (code?.startsWith('2') === true) return `${outcome} against ${said}`;
    return outcome === 'refused' && code !== '535' ? `refused against ${said || 'no reply'}` : null;
  }
  return outcome === 'refused' && !callsCredentialsWrong(code, text)
    ? `refused against ${said || 'no reply'}`
    : null;
}

/** Parts of a sample that cannot both be true; null where all agree. */
export function sampleContradiction({ outcome, errno }: EventOf<'probe.sampled'>): string | null {
  if (outcome === 'error') return errno === null ? 'an error against no errno' : null;
  return errno === null ? null : `${outcome} against ${errno}`;
}
