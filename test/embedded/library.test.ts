import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const told = z.object({
  ended: z.string(),
  verdict: z.string(),
  exitCode: z.number(),
  heard: z.array(z.string()),
});

/** What a program that uses the built library prints: what runDrill came to, and what its reporter heard. */
async function runDrill(options: string): Promise<z.output<typeof told>> {
  const reportDir = await mkdtemp(join(tmpdir(), 'nobounce-library-'));
  const program = `
    import { runDrill } from './dist/index.js';
    const heard = [];
    const aborting = new AbortController();
    let lead;
    const reporter = {
      name: 'ours',
      started: ({ stack }) => heard.push('started ' + stack),
      event: ({ type }) => { if (type === 'fault.injected') heard.push(type), onFault(); },
      ended: ({ judgement }) => heard.push('ended ' + judgement.verdict),
      finished: (reports) => heard.push('finished ' + reports.length),
    };
    ${options}
    const given = { driver: 'embedded', reportDir: ${JSON.stringify(reportDir)}, reporters: [reporter] };
    const acts = typeof lead === 'function' ? lead() : undefined;
    const { judgement, exitCode } = await runDrill('vendor-os-bug', { ...given, acts, signal: aborting.signal });
    const { verdict, run } = judgement;
    console.log(JSON.stringify({ ended: run.ended, verdict, exitCode, heard }));
  `;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return told.parse(JSON.parse(stdout));
}

describe('runDrill of the library', () => {
  it('runs a scenario, tells the reporters, and resolves with its report', async () => {
    expect(await runDrill('const onFault = () => {};')).toEqual({
      ended: 'completed',
      verdict: 'pass',
      exitCode: 0,
      heard: ['started embedded', 'fault.injected', 'ended pass', 'finished 1'],
    });
  });

  it('heals, tears down and ends as interrupted when its signal is aborted', async () => {
    expect(await runDrill('const onFault = () => aborting.abort();')).toMatchObject({
      ended: 'interrupted',
      verdict: 'inconclusive',
      exitCode: 130,
    });
  });

  it('takes its acts one by one, refuses what cannot be done then, and ends what is left open', async () => {
    const lead = `
      const onFault = () => {};
      const refused = (reasons) => heard.push(...reasons);
      lead = async function* () {
        const by = 'operator 1';
        yield { by, act: { note: 'we begin' } };
        yield { by, act: { hold: '1s' }, refused };
        yield { by, act: { steady: 6000 }, refused };
        yield { by, act: { advance: '1h' }, refused };
        yield { by, act: { steady: '6s' } };
        yield { by, act: { inject: { fault: 'vendor-os-bug', volume: 'gold', operations: ['write'] } } };
        yield { by, act: { hold: '6s' } };
      };`;
    const { verdict, heard } = await runDrill(lead);
    expect(heard.slice(1, 4)).toEqual([
      expect.stringContaining('nothing is broken here'),
      expect.stringContaining('unit'),
      expect.stringContaining('lacks movable-clocks'),
    ]);
    // Healed by itself, and mail followed to its end.
    expect(verdict).toBe('pass');
  });
});
