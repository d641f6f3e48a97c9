import { cp, mkdtemp, readFile, writeFile, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { drill, HAS_DOCKER, nobounce, verdictOf } from './drill.js';

/** Minutes of drills that repeat what the others show, with other figures: `npm run test:time` runs them too. */
const ALL = process.env['NOBOUNCE_ALL_TIMES'] === '1';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const between = z.object({ survivedMs: z.number(), byMs: z.number() });
const stream = z.object({ firstBounce: between.nullable(), firstLoss: between.nullable() });
const horizonSchema = z.object({
  configured: z.object({ mailMs: z.number(), bouncesMs: z.number() }),
  streams: z.object({ inbound: stream, outbound: stream, bounces: stream }),
});

async function horizonOf(...args: readonly string[]): Promise<z.output<typeof horizonSchema>> {
  const { exitCode, stdout, output } = await nobounce(['horizon', '--json', '--step', '6h', ...args]);
  expect(exitCode, output).toBe(0);
  return horizonSchema.parse(JSON.parse(stdout));
}

/** A scenario with something changed, under its own name in a folder of its own. */
async function changed(name: string, from: string | RegExp, to: string): Promise<string> {
  const source = await readFile(`scenarios/${name}.yaml`, 'utf8');
  const altered = source.replace(from, to);
  expect(altered).not.toBe(source);
  const file = join(await mkdtemp(join(tmpdir(), 'nobounce-scenario-')), `${name}.yaml`);
  await writeFile(file, altered);
  return file;
}

describe.skipIf(!HAS_DOCKER)('libero-virgilio-2023', () => {
  it('loses nothing in four and a half days, and says for each mailbox and day what came of its mail', async () => {
    const { results, dir, output } = await drill('libero-virgilio-2023');
    const failed = results.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
    // docs/verdicts.md says why a mailbox is numbered anew now and then.
    expect(['mailbox-intact'], output).toEqual(expect.arrayContaining(failed));
    expect(results.mail.lost + results.mail.bounced, output).toBe(0);
    const broken = results.faults.filter(({ volume }) => volume !== 'legacy');
    expect(broken.map(({ volume }) => volume).toSorted()).toEqual(['bronze', 'gold', 'silver']);
    for (const { simulatedMs } of broken) expect(simulatedMs).toBeGreaterThanOrEqual(4.5 * DAY);
    expect(results.timings.simulatedMs).toBeGreaterThan(6 * DAY);
    const rows = results.mailboxDays;
    expect(new Set(rows.map(({ mailbox }) => mailbox)).size).toBe(results.mailboxes.length);
    expect(new Set(rows.map(({ day }) => day)).size).toBeGreaterThanOrEqual(6);
    expect(rows.every(({ sent, delivered }) => sent === delivered)).toBe(true);
    expect(Math.max(...rows.map(({ delayedByMs }) => delayedByMs ?? 0))).toBeGreaterThan(4 * DAY);
    const csv = (await readFile(join(dir, 'mailboxes.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(csv).toHaveLength(rows.length + 1);
  });

  it.runIf(ALL)('bounces mail when the outage is stretched to six days (npm run test:time)', async () => {
    const longer = await changed('libero-virgilio-2023', 'advance: 108h', 'advance: 6d');
    const { results, exitCode, output } = await drill(longer);
    expect(exitCode, output).toBe(1);
    expect(verdictOf(results, 'no-bounce')).toBe('fail');
    expect(verdictOf(results, 'lifetime-margin')).toBe('fail');
    expect(results.mail.bounced).toBeGreaterThan(0);
    expect(results.mail.lost).toBe(0);
  });
});

describe.skipIf(!HAS_DOCKER)('nobounce horizon', () => {
  it.runIf(ALL)('finds the five days of stock Postfix (npm run test:time)', async () => {
    const { configured, streams } = await horizonOf('--stack', 'postfix-dovecot', '--fault', 'vendor-os-bug');
    expect(configured).toMatchObject({ mailMs: 5 * DAY, bouncesMs: 5 * DAY });
    const fiveDays = { survivedMs: 5 * DAY, byMs: 5 * DAY + 6 * HOUR };
    expect(streams.inbound).toEqual({ firstBounce: fiveDays, firstLoss: null });
    expect(streams.outbound).toEqual({ firstBounce: fiveDays, firstLoss: null });
    // Nobody is told of a bounce that cannot be delivered.
    expect(streams.bounces).toEqual({ firstBounce: fiveDays, firstLoss: fiveDays });
  });

  it('finds the two days of a copy of the stack with shorter lifetimes', async () => {
    const copy = join(await mkdtemp(join(tmpdir(), 'nobounce-stack-')), 'my-stack');
    await cp('stacks/postfix-dovecot', copy, { recursive: true });
    const shorter = '\nmaximal_queue_lifetime = 2d\nbounce_queue_lifetime = 2d\n';
    await appendFile(join(copy, 'mta', 'main.cf'), shorter);
    const { configured, streams } = await horizonOf('--stack', copy, '--fault', 'vendor-os-bug');
    expect(configured.mailMs).toBe(2 * DAY);
    expect(streams.inbound.firstBounce).toEqual({ survivedMs: 2 * DAY, byMs: 2 * DAY + 6 * HOUR });
  });
});

describe('where clocks cannot be moved', () => {
  it('refuses a horizon of the embedded stack, and says why', async () => {
    const { exitCode, output } = await nobounce(['horizon', '--stack', 'embedded']);
    expect(exitCode, output).toBe(4);
    expect(output).toMatch(/clock/);
  });

  it('refuses a scenario before it starts, by the name of the service', async () => {
    const copy = join(await mkdtemp(join(tmpdir(), 'nobounce-stack-')), 'my-stack');
    await cp('stacks/postfix-dovecot', copy, { recursive: true });
    const file = join(copy, 'stack.yaml');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace('role: store\n    clock: movable', 'role: store\n    clock: fixed'));
    const { exitCode, output } = await nobounce(['run', 'libero-virgilio-2023', '--stack', copy]);
    expect(exitCode, output).toBe(4);
    expect(output).toContain('the clock of store');
  });
});

describe.skipIf(!HAS_DOCKER)('mx-closed', () => {
  it('shows which senders give up: those whose MTA keeps mail for less time than the MX is closed', async () => {
    const { results, output, exitCode } = await drill('mx-closed');
    expect(exitCode, output).toBe(1);
    const failed = results.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
    expect(failed, output).toEqual(['no-bounce', 'delivered-after-recovery', 'lifetime-margin']);
    const { accepted, delivered, bounced } = results.mail;
    expect(bounced).toBeGreaterThan(0);
    expect(delivered + bounced, output).toBe(accepted);
    // All that bounced was given up by the MTA with two days of lifetime, and everything else arrived.
    const bounces = results.checks.find(({ name }) => name === 'no-bounce')?.findings ?? [];
    expect(bounces.length).toBeGreaterThan(0);
    expect(bounces.every(({ evidence }) => evidence.join().includes('outside-mta-1'))).toBe(true);
    expect(verdictOf(results, 'sender-told'), output).toBe('pass');
    expect(results.faults[0]).toMatchObject({ name: 'mx-closed', volume: 'mx' });
    expect(results.faults[0]?.simulatedMs).toBeGreaterThanOrEqual(3 * DAY);
  });

  it.runIf(ALL)(
    'is felt as well where the MX answers 421, and nothing bounces or is lost in a day (npm run test:time)',
    async () => {
      const short = await changed('mx-closed', /refuse }([\s\S]*)advance: 3d/, "'4xx' }$1advance: 1d");
      const { results, output } = await drill(short);
      expect(results.faults[0]?.evidence, output).toContain('421');
      expect(results.verdict, output).toBe('pass');
      expect(results.mail.delivered, output).toBe(results.mail.accepted);
    },
  );
});
