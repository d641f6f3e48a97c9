import { render } from 'preact';
import type { Snapshot } from '../snapshot.js';
import { DayView, type Me } from './view.js';

/** Without a word for so long, what is shown is old: it says so. */
const STALE_MS = 3_000;
const root = document.getElementById('day');

let snapshot: Snapshot | null = null;
let heardAt = performance.now();
let me: Me | null = null;
let trouble = '';
let isOver = false;

function draw(): void {
  if (root === null) return;
  const isStale = !isOver && performance.now() - heardAt > STALE_MS;
  document.body.classList.toggle('stale', isStale);
  document.title = snapshot === null ? 'nobounce game day' : `${snapshot.state} · nobounce game day`;
  render(<DayView snapshot={snapshot} me={me} isStale={isStale} trouble={trouble} />, root);
}

/** The token is in the fragment, which goes to no server and into no log; a cookie takes its place. */
async function begin(): Promise<void> {
  const token = location.hash.slice(1);
  if (token !== '') {
    history.replaceState(null, '', '/');
    const response = await fetch('/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (response.ok) {
      const answer: unknown = await response.json();
      const role = typeof answer === 'object' && answer !== null && 'role' in answer ? answer.role : null;
      sessionStorage.setItem('role', role === 'operator' ? 'operator' : 'observer');
    } else trouble = 'This link is not of this day: open the one that nobounce printed.';
  }
  me = {
    isOperator: sessionStorage.getItem('role') === 'operator',
    name: sessionStorage.getItem('name') ?? 'operator 1',
  };
  listen();
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    typeof value === 'object' && value !== null && 'event' in value && 'state' in value && 'sum' in value
  );
}

function listen(): void {
  const source = new EventSource('/events');
  source.addEventListener('day', (event) => {
    const read: unknown = JSON.parse(String(event.data));
    if (!isSnapshot(read)) return;
    snapshot = read;
    heardAt = performance.now();
    trouble = '';
    if (read.over !== null) {
      isOver = true;
      source.close();
    }
    draw();
  });
}

setInterval(draw, 500);
begin().catch((error: unknown) => {
  trouble = String(error);
  draw();
});
