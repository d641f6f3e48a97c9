import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { judgeFile } from '../src/check/judge.js';
import { HISTORY_VERSION, type NewEvent } from '../src/history/event.js';
import { scenarioSchema } from '../src/scenario/scenario.js';

const pointSchema = z.object({
  messages: z.number(),
  events: z.number(),
  fileBytes: z.number(),
  wallMs: z.number(),
  /** User and system time of all threads: what one core would need at most. */
  cpuMs: z.number(),
  peakRssBytes: z.number(),
});
/** What it took to read, fold and judge one history. */
export type JudgePoint = Readonly<z.output<typeof pointSchema>>;

const POINTS = [10_000, 100_000, 1_000_000];
/** Issue 4: a million messages in 20 s and 700 MB on one core. */
export const AIM = { cpuMs: 20_000, peakRssBytes: 700_000_000 };
const MAILBOXES = 1_000;
const SELF = fileURLToPath(import.meta.url);

/** Makes up histories of three sizes and judges each in a process of its own. */
export async function run(points: readonly number[] = POINTS): Promise<readonly JudgePoint[]> {
  const dir = await mkdtemp(join(tmpdir(), 'nobounce-bench-'));
  try {
    const measured: JudgePoint[] = [];
    for (const messages of points) {
      const path = join(dir, `${messages}.jsonl`);
      await writeHistory(path, messages);
      measured.push(await judgeInChild(path, messages));
      await rm(path);
    }
    return measured;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function judgeInChild(path: string, messages: number): Promise<JudgePoint> {
  const child = spawn(process.execPath, ['--import', 'tsx', SELF, '--judge', path, String(messages)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`judging ${path} failed with status ${String(child.exitCode)}`);
  return pointSchema.parse(JSON.parse(output));
}

async function judgeHere(path: string, messages: number): Promise<JudgePoint> {
  const { size } = await stat(path);
  const started = performance.now();
  const before = process.cpuUsage();
  const { events, mail } = await judgeFile(path);
  const { user, system } = process.cpuUsage(before);
  if (mail.delivered !== messages) throw new Error(`${mail.delivered} of ${messages} delivered`);
  return {
    messages,
    events,
    fileBytes: size,
    wallMs: performance.now() - started,
    cpuMs: (user + system) / 1_000,
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
  };
}

/** A run that kept its promises: one message in three waits in the queue while `gold` is broken. */
async function writeHistory(path: string, messages: number): Promise<void> {
  const file = createWriteStream(path);
  const wall = 1_790_000_000_000;
  let pending = '';
  let t = 0;
  const write = async (event: NewEvent): Promise<void> => {
    pending += `${JSON.stringify({ ...event, t, wall: wall + t, sim: wall + t })}\n`;
    if (pending.length < 1 << 20) return;
    const more = file.write(pending);
    pending = '';
    if (!more) await once(file, 'drain');
  };
  const mailboxes = Array.from({ length: MAILBOXES }, (_, index) => ({
    address: `u${index}@libero.test`,
    volume: index % 2 === 0 ? 'gold' : 'silver',
  }));
  await write({
    type: 'run.started',
    historyVersion: HISTORY_VERSION,
    run: 'bench',
    nobounce: '0',
    seed: 1,
    driver: 'docker',
    stack: { name: 'bench', title: 'bench' },
    scenario: scenarioSchema.parse({
      name: 'bench',
      title: 'bench',
      domains: [{ name: 'libero.test', mailboxes: MAILBOXES, volumes: ['gold', 'silver'] }],
      traffic: { inbound: { rate: '1000/s' } },
      timeline: [{ steady: '1s' }, { inject: { fault: 'vendor-os-bug', volume: 'gold' } }, { settle: '1s' }],
    }),
    mailboxes,
  });
  const ref = { fault: 'vendor-os-bug@gold#1', name: 'vendor-os-bug', volume: 'gold' };
  const reply =
    'host store[10.0.0.2] said: 451 4.2.0 Internal error occurred (in reply to end of DATA command)';
  const waiting: { readonly copy: NewEvent; readonly left: NewEvent }[] = [];
  const listings = mailboxes.map(
    (): { uid: number; id: string; flags: string[]; bodySha256: string }[] => [],
  );
  for (let number = 0; number < messages; number += 1) {
    t += 1;
    if (number === Math.floor(messages / 3)) {
      await write({ type: 'fault.injecting', ...ref, parameters: {} });
      await write({ type: 'fault.injected', ...ref });
      await write({ type: 'fault.felt', ...ref, evidence: 'EIO' });
    }
    if (number === Math.floor((2 * messages) / 3)) {
      await write({ type: 'fault.healed', ...ref });
      await write({ type: 'fault.gone', ...ref, evidence: 'ok' });
      for (const { copy, left } of waiting.splice(0)) {
        await write(copy);
        await write(left);
      }
    }
    const id = `bench-i${String(number).padStart(9, '0')}`;
    const which = number % MAILBOXES;
    const { address, volume } = mailboxes[which] ?? { address: '', volume: '' };
    const sha = createHash('sha256').update(id).digest('hex');
    const content = { bytes: 4_000, bodySha256: sha, headersSha256: sha };
    const attempt = { id, attempt: 1 };
    await write({
      type: 'message.created',
      id,
      kind: 'inbound',
      from: `friend${number % 50}@outside.test`,
      to: address,
      ...content,
    });
    await write({ type: 'attempt.started', ...attempt });
    const answer = {
      outcome: 'accepted',
      code: 250,
      enhanced: '2.0.0',
      reply: '250 2.0.0 Ok: queued',
      at: 'dot',
      ms: 9,
    } as const;
    await write({ type: 'attempt.ended', ...attempt, ...answer });
    const queued = { service: 'mta', id, queueId: `4Q${number}` };
    const listing = listings[which] ?? [];
    const uid = listing.length + 1;
    listing.push({ uid, id, flags: [], bodySha256: sha });
    const copy = { type: 'copy.found', id, mailbox: address, uid, uidValidity: '1', ...content } as const;
    const left = { type: 'queue.left', ...queued } as const;
    const waits = volume === 'gold' && number >= messages / 3 && number < Math.floor((2 * messages) / 3);
    await write({
      type: 'queue.seen',
      ...queued,
      queue: waits ? 'deferred' : 'active',
      reason: waits ? reply : '',
      enhanced: waits ? '4.2.0' : null,
    });
    if (waits) waiting.push({ copy, left });
    else {
      await write(copy);
      await write(left);
    }
  }
  for (const [index, messagesListed] of listings.entries()) {
    const { address, volume } = mailboxes[index] ?? { address: '', volume: '' };
    await write({
      type: 'mailbox.listed',
      stage: 'after',
      mailbox: address,
      volume,
      uidValidity: '1',
      messages: messagesListed,
    });
  }
  await write({ type: 'run.ended', reason: 'completed', detail: '' });
  file.end(pending);
  await once(file, 'close');
}

/** The points as a table, with the aim and the growth of time by size. */
export function table(points: readonly JudgePoint[]): string {
  const lines = points.map(({ messages, events, fileBytes, wallMs, cpuMs, peakRssBytes }) =>
    [
      messages.toLocaleString('en').padStart(10),
      events.toLocaleString('en').padStart(10),
      `${(fileBytes / 1e6).toFixed(0)} MB`.padStart(9),
      `${(wallMs / 1e3).toFixed(2)} s`.padStart(9),
      `${(cpuMs / 1e3).toFixed(2)} s`.padStart(9),
      `${((cpuMs * 1e3) / messages).toFixed(1)} µs`.padStart(11),
      `${(peakRssBytes / 1e6).toFixed(0)} MB`.padStart(9),
    ].join(''),
  );
  const head = '  messages    events     file     wall      CPU  CPU/message peak RSS';
  return [
    head,
    ...lines,
    `aim: 1,000,000 in ${AIM.cpuMs / 1e3} s of CPU and ${AIM.peakRssBytes / 1e6} MB`,
  ].join('\n');
}

const [role, path = '', messages = '0'] = process.argv.slice(2);
if (process.argv[1] === SELF) {
  if (role === '--judge') process.stdout.write(JSON.stringify(await judgeHere(path, Number(messages))));
  else console.log(table(await run()));
}
