/**
 * The guardian's process: it listens to the harness, and heals in its place when that dies or hangs. It needs nothing
 * of the harness but what it was told, and ends with it.
 */
import { appendFileSync } from 'node:fs';
import { describeError, NobounceError } from '../errors/errors.js';
import { carryOut, type Hands } from '../injector/undo.js';
import { LineSplitter } from '../stack/lines.js';
import type { StorageStep, Undo } from '../stack/undo.js';
import { connectToxiproxy } from '../toxiproxy/adapter.js';
import { healAll } from './heal.js';
import { setup, tidings, type Answer } from './protocol.js';
import { LOOK_EVERY_MS, Vigil } from './vigil.js';

/** Of all its healing: what is not healed by then is not healed by trying. */
const LIMIT_MS = 120_000;

const { record: file, silentMs } = setup.parse(JSON.parse(process.argv[2] ?? ''));

/** A disk that is full keeps nobody from healing. */
function record(entry: object): void {
  try {
    appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
  }
}

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** What talks to the engine takes its time to load, and is loaded as soon as it may be needed. */
const engine = async () => {
  const [{ connectEngine }, { carryOutIn }] = await Promise.all([
    import('../stack/docker/engine.js'),
    import('../stack/docker/undo.js'),
  ]);
  return { client: await connectEngine(), carryOutIn };
};

async function mendStorage(step: StorageStep): Promise<void> {
  if (step.via === 'child') {
    // Nothing leads to a head that stays open.
    if (step.act.do === 'close-head') return;
    throw new NobounceError('harness', `only the harness can ${step.act.do} ${step.service}, its own child`);
  }
  const { client, carryOutIn } = await engine();
  await carryOutIn(client, step);
}

const hands: Hands = { toxiproxy: (url) => connectToxiproxy(url), storage: mendStorage };

function prepareFor(undo: Undo): void {
  if (!undo.some(({ via }) => via === 'exec' || via === 'see-mount')) return;
  engine().catch((error: unknown) => {
    record({ did: 'not-connected', error: describeError(error) });
  });
}

const vigil = new Vigil(silentMs, performance.now());
let isOver = false;

function decide(decision: ReturnType<Vigil['look']>): void {
  if (isOver || decision.now === 'wait') return;
  isOver = true;
  if (decision.now === 'end') end(0);
  else takeOver(decision);
}

function takeOver({ why, held }: Extract<ReturnType<Vigil['look']>, { now: 'heal' }>): void {
  const took = { why, silentMs: vigil.silentMs(performance.now()), keys: [...held.keys()] };
  record({ did: 'took-over', ...took });
  say({ say: 'took-over', ...took });
  setTimeout(() => {
    record({ did: 'gave-up', afterMs: LIMIT_MS });
    end(1);
  }, LIMIT_MS);
  healAll(held, (undo) => carryOut(undo, hands), record).then(
    (isHealed) => {
      end(isHealed ? 0 : 1);
    },
    (error: unknown) => {
      record({ did: 'broke', error: describeError(error) });
      end(1);
    },
  );
}

function end(code: number): void {
  record({ did: 'ended', code });
  process.exit(code);
}

function hear(line: string): void {
  const told = tidings.parse(JSON.parse(line));
  decide(vigil.hear(told, performance.now()));
  if (isOver) return;
  if (told.tell === 'release') record({ did: 'released', key: told.key });
  if (told.tell !== 'hold') return;
  record({ did: 'holds', key: told.key, undo: told.undo });
  prepareFor(told.undo);
  say({ say: 'held', key: told.key });
}

const splitter = new LineSplitter((line) => {
  try {
    hear(line);
  } catch (error) {
    record({ did: 'not-understood', error: describeError(error) });
    decide(vigil.lost());
  }
});
process.stdin.on('data', splitter.push);
for (const event of ['end', 'close', 'error'])
  process.stdin.on(event, () => {
    decide(vigil.lost());
  });
// Who would read it is gone: healing goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    decide(vigil.asked());
  });
// A stray error must not end what nobody else would do.
process.on('uncaughtException', (error) => {
  record({ did: 'broke', error: describeError(error) });
  decide(vigil.lost());
});
setInterval(() => {
  decide(vigil.look(performance.now()));
}, LOOK_EVERY_MS);
record({ did: 'started', pid: process.pid, silentMs });
say({ say: 'ready' });
