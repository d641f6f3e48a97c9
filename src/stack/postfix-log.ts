import type { MtaRecord } from './stack.js';

const LINE = /postfix[^[]*\/(?:[a-z/]+)\[\d+\]: ([0-9A-Za-z]+): (.*)$/;
const STATUS = /to=<([^>]*)>.*?dsn=([\d.]+), status=(\w+) \((.*)\)$/;
const STATUSES = {
  sent: 'sent',
  deferred: 'deferred',
  bounced: 'bounced',
  undeliverable: 'undeliverable',
} as const;

function isStatus(text: string): text is keyof typeof STATUSES {
  return Object.hasOwn(STATUSES, text);
}

/**
 * Reads one line of Postfix's log: which queue id carries which Message-ID (cleanup(8)), each delivery attempt
 * with its status (bounce(5), `src/global/log_adhoc.c`), notices to senders, expiry and removal (qmgr(8)). Null for every other line.
 */
export function parsePostfixLine(line: string): MtaRecord | null {
  const [, queueId, rest] = LINE.exec(line) ?? [];
  if (queueId === undefined || rest === undefined || queueId === 'warning') return null;
  const messageId = /^message-id=(.*)$/.exec(rest)?.[1];
  if (messageId !== undefined) return { kind: 'message', queueId, messageId };
  if (rest === 'removed') return { kind: 'removed', queueId };
  // bounce(8): whom it wrote to, and as which message; nobody is written to about a bounce.
  const notice = /^sender (non-delivery|delay) notification: (\S+)$/.exec(rest);
  if (notice?.[2] !== undefined) {
    const about = notice[1] === 'delay' ? 'delay' : 'failure';
    return { kind: 'notice', queueId, about, noticeId: notice[2] };
  }
  const [, recipient, enhanced, status, reply] = STATUS.exec(rest) ?? [];
  if (recipient !== undefined && enhanced !== undefined && status !== undefined && reply !== undefined) {
    return isStatus(status)
      ? { kind: 'delivery', queueId, recipient, status: STATUSES[status], enhanced, reply }
      : null;
  }
  // Expiry is per message: qmgr returns it to the sender without naming recipients.
  const expired = /^from=<[^>]*>, status=(?:force-)?expired, (.*)$/.exec(rest)?.[1];
  if (expired !== undefined) {
    return { kind: 'delivery', queueId, recipient: '', status: 'expired', enhanced: null, reply: expired };
  }
  return null;
}
