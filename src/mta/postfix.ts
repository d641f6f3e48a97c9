import { z } from 'zod';
import type { MtaDialect, MtaRecord, NextHop, QueueEntry, QueueLifetimes } from './dialect.js';

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
function parseLogLine(line: string): MtaRecord | null {
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
      ? {
          kind: 'delivery',
          queueId,
          recipient,
          status: STATUSES[status],
          enhanced,
          reply,
          nextHop: readNextHop(reply),
        }
      : null;
  }
  // Expiry is per message: qmgr returns it to the sender without naming recipients.
  const expired = /^from=<[^>]*>, status=(?:force-)?expired, (.*)$/.exec(rest)?.[1];
  if (expired !== undefined) {
    return {
      kind: 'delivery',
      queueId,
      recipient: '',
      status: 'expired',
      enhanced: null,
      reply: expired,
      nextHop: readNextHop(expired),
    };
  }
  return null;
}

/** postqueue(1), section JSON OBJECT FORMAT. */
const listing = z.object({
  entries: z.array(
    z.object({
      queue_name: z.string(),
      queue_id: z.string(),
      sender: z.string(),
      recipients: z.array(z.object({ address: z.string(), delay_reason: z.string().optional() })),
    }),
  ),
});

function parseListing(line: string): readonly QueueEntry[] {
  return listing.parse(JSON.parse(line)).entries.map(({ queue_id, queue_name, sender, recipients }) => ({
    queueId: queue_id,
    queue: queue_name,
    sender,
    recipients: recipients.map(({ address, delay_reason }) => ({ address, reason: delay_reason ?? '' })),
  }));
}

/** Durations in seconds; `mta-ctl lifetimes` prints them. */
const lifetimes = z.object({ mail: z.number(), bounces: z.number(), warning: z.number() });

function parseLifetimes(printed: string): QueueLifetimes {
  const { mail, bounces, warning } = lifetimes.parse(JSON.parse(printed));
  return { mailMs: mail * 1_000, bouncesMs: bounces * 1_000, warningMs: warning * 1_000 };
}

/** A reply of class 5 as smtp_proto.c quotes it: `host store[10.0.0.2] said: 552 5.2.2 …`; or the bare reply. */
const CLASS_5_REPLY = /(?:said: |^)5\d\d[ -]/;
/** What smtp_proto.c logs when a connection ends between the final dot and the reply. */
const NO_REPLY_TO_DOT = /sending end of data|message may be sent more than once/;

function readNextHop(reply: string): NextHop {
  return { refused: CLASS_5_REPLY.test(reply), unanswered: NO_REPLY_TO_DOT.test(reply) };
}

/** Postfix, by its log, postqueue(1) and the commands of the images that come with nobounce. */
export const postfix: MtaDialect = {
  name: 'postfix',
  parseLogLine,
  parseListing,
  parseLifetimes,
  readNextHop,
};
