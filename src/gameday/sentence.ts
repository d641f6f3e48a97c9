import { formatCount } from '../units/number.js';
import type { Sum } from './snapshot.js';

const messages = (count: number): string => `${formatCount(count)} ${count === 1 ? 'message' : 'messages'}`;
const have = (count: number): string => (count === 1 ? 'has' : 'have');

/** Whether mail is being lost, in one line that a room can read: the worst first. */
export function sentenceOf({ accepted, queued, bounced, lost, refused, duplicated, corrupted }: Sum): string {
  if (accepted === 0 && refused === 0) return 'No mail has been accepted yet.';
  const bad = [
    lost > 0 ? `${messages(lost)} ${have(lost)} been lost.` : null,
    bounced > 0 ? `${messages(bounced)} ${have(bounced)} bounced.` : null,
    refused > 0 ? `${messages(refused)} ${have(refused)} been refused for good.` : null,
    corrupted > 0 ? `${messages(corrupted)} arrived damaged.` : null,
    duplicated > 0 ? `${messages(duplicated)} arrived more than once.` : null,
  ].filter((part) => part !== null);
  const waiting = queued === 0 ? 'No mail waits.' : `${messages(queued)} ${queued === 1 ? 'waits' : 'wait'}.`;
  if (bad.length > 0) return [...bad, waiting].join(' ');
  return `${waiting} Nothing is lost. No sender has been told no.`;
}
