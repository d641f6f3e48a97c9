import type { HistoryEvent } from '../history/event.js';
import { Fold } from '../history/fold.js';
import type { Message } from '../history/messages.js';
import { formatDurationMs } from '../units/duration.js';

/** One line of a message's story. */
export interface StoryLine {
  /** Milliseconds since the run started. */
  readonly atMs: number;
  readonly text: string;
}

/** The story of one message, in order, and how it ended. */
export interface Story {
  readonly id: string;
  readonly lines: readonly StoryLine[];
  /** One sentence: the fate, and what is wrong with it. */
  readonly ending: string;
}

/**
 * Tells the whole story of one message: who sent it, what was answered, when it was queued and why, each
 * attempt, where it arrived, and, between, the faults of its volume. Null when the history knows no such id.
 */
export async function explain(
  history: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
  id: string,
): Promise<Story | null> {
  const fold = new Fold();
  const lines: StoryLine[] = [];
  /** Told only when the message turns out to lie on that volume, which its creation says. */
  const faults: (StoryLine & { readonly volume: string })[] = [];
  let mentioned = false;
  for await (const event of history) {
    fold.see(event);
    if ('fault' in event) {
      const text = `${event.name} on ${event.volume}: ${event.type.slice('fault.'.length)}`;
      const evidence = 'evidence' in event ? ` (${event.evidence})` : '';
      faults.push({ atMs: event.t, text: text + evidence, volume: event.volume });
    }
    const text = event.type === 'mailbox.listed' ? listing(event, id) : tell(event, id);
    if (text === null) continue;
    mentioned = true;
    lines.push({ atMs: event.t, text });
  }
  fold.close();
  if (!mentioned) return null;
  const message = fold.ledger.find(id);
  const own = faults.filter(({ volume }) => volume === message?.volume);
  const story = [...lines, ...own.map(({ atMs, text }) => ({ atMs, text }))];
  return {
    id,
    lines: story.sort((a, b) => a.atMs - b.atMs),
    ending: message === undefined ? 'No one in this run sent it.' : endingOf(message),
  };
}

/** The story as lines of text, each with its time. */
export function storyLines(story: Story): readonly string[] {
  return [
    ...story.lines.map(({ atMs, text }) => `${formatDurationMs(atMs).padStart(10)}  ${text}`),
    story.ending,
  ];
}

const quoted = (text: string) => (text === '' ? '' : `: ${text}`);
const code = (enhanced: string | null) => (enhanced === null ? '' : ` (${enhanced})`);

/** What the event says of the message, or null where it says nothing. */
function tell(event: HistoryEvent, id: string): string | null {
  if (!('id' in event) || event.id !== id) return null;
  switch (event.type) {
    case 'message.created':
      return `${event.kind} message of ${event.bytes} bytes, from ${event.from} to ${event.to}`;
    case 'attempt.started':
      return `attempt ${event.attempt} starts`;
    case 'attempt.ended': {
      const silence = event.code === null ? `no reply (at ${event.at})` : event.reply;
      return `attempt ${event.attempt} is ${event.outcome}: ${silence}`;
    }
    case 'message.abandoned':
      return `its sender gives up${quoted(event.reason)}`;
    case 'queue.seen':
      return `in the ${event.queue} queue of ${event.service} as ${event.queueId}${quoted(event.reason)}`;
    case 'queue.left':
      return `no longer in the queue of ${event.service} (${event.queueId})`;
    case 'mta.logged':
      return `${event.service} logs ${event.status}${code(event.enhanced)} for ${event.recipient}${quoted(event.reply)}`;
    case 'copy.found':
      return `a copy in ${event.mailbox}, UID ${event.uid}, ${event.bytes} bytes`;
    case 'outside.received':
      return `received outside, to ${event.to}, ${event.bytes} bytes`;
    case 'dsn.received':
      return `a DSN to ${event.to}: ${event.action}${code(event.status)}${quoted(event.diagnostic)}`;
    case 'file.found':
      return event.where === 'volume'
        ? `its file on the volume: ${event.path}`
        : `its file UNDER the mount point: ${event.path}`;
  }
}

/** A listing names many messages; it is told where this one is among them. */
function listing(event: Extract<HistoryEvent, { type: 'mailbox.listed' }>, id: string): string | null {
  const copies = event.messages.filter((message) => message.id === id);
  if (copies.length === 0) return null;
  const uids = copies.map(({ uid }) => uid).join(', ');
  return `listed ${event.stage} in ${event.mailbox}, UID ${uids}`;
}

function endingOf(message: Message): string {
  const { fate, copies, copiesAllowed } = message;
  const notes = [
    copies > Math.max(1, copiesAllowed) ? `duplicated: ${copies} copies` : '',
    message.corrupt > 0 ? 'corrupted' : '',
    message.elsewhere > 0 ? 'delivered to someone else' : '',
    fate !== 'bounced' && message.isBounced ? 'bounced as well' : '',
  ].filter((note) => note !== '');
  const beside = notes.length === 0 ? '' : `; ${notes.join('; ')}`;
  if (fate !== 'none') return `Fate: ${fate}${beside}.`;
  const arrived = copies > 0 ? ', and arrived all the same' : '';
  return `Nobody accepted it (${message.outcome ?? 'never tried'})${arrived}${beside}.`;
}
