import { passes, placeOf, titleOfPlace, type Place } from '../fault/place.js';
import { plainEvidence } from '../fault/sense.js';
import type { HistoryEvent } from '../history/event.js';
import { Fold } from '../history/fold.js';
import type { Message } from '../history/messages.js';
import { formatDurationMs, formatMinutesMs } from '../units/duration.js';

/** One line of a message's story. */
export interface StoryLine {
  /** Milliseconds since the run started. */
  readonly atMs: number;
  /** By the clocks of the services, which may have been moved: the same, and the hours that were skipped. */
  readonly simulatedMs: number;
  readonly text: string;
}

/** The story of one message, in order, and how it ended. */
export interface Story {
  readonly id: string;
  readonly lines: readonly StoryLine[];
  /** One sentence: the fate, and what is wrong with it. */
  readonly ending: string;
}

/** Tells the stories of several messages in one pass: feed it every event in order with `see`, then `tell`. */
export class Storyteller {
  readonly #fold = new Fold();
  readonly #wanted: ReadonlyMap<string | null, { readonly id: string; readonly lines: StoryLine[] }>;
  /** Told only of messages that turn out to pass the place, which their creation says. */
  readonly #faults: { readonly place: Place; readonly line: StoryLine }[] = [];

  constructor(ids: Iterable<string>) {
    this.#wanted = new Map([...ids].map((id) => [id, { id, lines: [] }]));
  }

  /** The history so far, folded. */
  get fold(): Fold {
    return this.#fold;
  }

  see(event: HistoryEvent): void {
    this.#fold.see(event);
    const times = { atMs: event.t, simulatedMs: event.t + (event.sim - event.wall) };
    if ('fault' in event) {
      const place = placeOf(event.volume);
      const text = `${event.name} on ${titleOfPlace(place)}: ${event.type.slice('fault.'.length)}`;
      const evidence = 'evidence' in event ? ` (${plainEvidence(event.evidence)})` : '';
      this.#faults.push({ place, line: { ...times, text: text + evidence } });
    }
    if (event.type === 'mailbox.listed') {
      for (const id of new Set(event.messages.map((message) => message.id))) {
        this.#wanted.get(id)?.lines.push({ ...times, text: listing(event, id) });
      }
    } else if ('id' in event) this.#wanted.get(event.id)?.lines.push({ ...times, text: tell(event) });
  }

  /** The stories by id, without those of which the history knows nothing. No more events will come. */
  tell(): ReadonlyMap<string, Story> {
    this.#fold.close();
    const stories = new Map<string, Story>();
    for (const { id, lines } of this.#wanted.values()) {
      if (lines.length === 0) continue;
      const message = this.#fold.ledger.find(id);
      const own = this.#faults.filter(({ place }) => message !== undefined && passes(place, message));
      stories.set(id, {
        id,
        lines: [...lines, ...own.map(({ line }) => line)].sort((a, b) => a.atMs - b.atMs),
        ending: message === undefined ? 'No one in this run sent it.' : endingOf(message),
      });
    }
    return stories;
  }
}

/**
 * Tells the whole story of one message: who sent it, what was answered, when it was queued and why, each
 * attempt, where it arrived, and, between, the faults of what it had to pass. Null when the history knows no such id.
 */
export async function explain(
  history: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
  id: string,
): Promise<Story | null> {
  const teller = new Storyteller([id]);
  for await (const event of history) teller.see(event);
  return teller.tell().get(id) ?? null;
}

/** The story as lines of text, each with its time. */
export function storyLines(story: Story): readonly string[] {
  const isMoved = story.lines.some(({ atMs, simulatedMs }) => simulatedMs > atMs);
  const times = ({ atMs, simulatedMs }: StoryLine): string =>
    formatDurationMs(atMs).padStart(10) +
    (isMoved ? `  simulated ${formatMinutesMs(simulatedMs).padEnd(WIDEST_TIME)}` : '');
  return [...story.lines.map((line) => `${times(line)}  ${line.text}`), story.ending];
}

const WIDEST_TIME = '10 d 23 h'.length;

const quoted = (text: string) => (text === '' ? '' : `: ${text}`);
const code = (enhanced: string | null) => (enhanced === null ? '' : ` (${enhanced})`);

/** What the event says of its message. */
function tell(event: Extract<HistoryEvent, { id: unknown }>): string {
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
function listing(event: Extract<HistoryEvent, { type: 'mailbox.listed' }>, id: string | null): string {
  const copies = event.messages.filter((message) => message.id === id);
  return `listed ${event.stage} in ${event.mailbox}, UID ${copies.map(({ uid }) => uid).join(', ')}`;
}

function endingOf(message: Message): string {
  const { fate, copies } = message;
  const notes = [
    message.isDuplicated ? `duplicated: ${copies} copies` : '',
    message.corrupt > 0 ? 'corrupted' : '',
    message.elsewhere > 0 ? 'delivered to someone else' : '',
    fate !== 'bounced' && message.isBounced ? 'bounced as well' : '',
  ].filter((note) => note !== '');
  const beside = notes.length === 0 ? '' : `; ${notes.join('; ')}`;
  if (fate !== 'none') return `Fate: ${fate}${beside}.`;
  const arrived = copies > 0 ? ', and arrived all the same' : '';
  return `Nobody accepted it (${message.outcome ?? 'never tried'})${arrived}${beside}.`;
}
