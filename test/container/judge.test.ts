import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drill, HAS_DOCKER, nobounce, verdictOf } from './drill.js';

/** A copy of a scenario with something changed, in a folder of its own. */
async function changed(name: string, change: (source: string) => string): Promise<string> {
  const source = await readFile(`scenarios/${name}.yaml`, 'utf8');
  const altered = change(source);
  expect(altered).not.toBe(source);
  const file = join(await mkdtemp(join(tmpdir(), 'nobounce-scenario-')), `${name}.yaml`);
  await writeFile(file, altered);
  return file;
}

describe.skipIf(!HAS_DOCKER)('a run that proves nothing', () => {
  it('is inconclusive when the fault hits a volume that no mailbox lies on', async () => {
    const file = await changed('vendor-os-bug', (source) =>
      source
        .replace('volumes: [silver]', 'volumes: [silver, silver, silver, silver, spare]')
        .replace('volume: gold', 'volume: spare'),
    );
    const { results, exitCode, output } = await drill(file);
    expect(results.verdict, output).toBe('inconclusive');
    expect(exitCode).toBe(2);
    expect(results.mail.lost).toBe(0);
  });

  it('is inconclusive when the fault is left out', async () => {
    const file = await changed('vendor-os-bug', (source) =>
      source.replace(/ {2}- inject:.*\n {2}- hold:.*\n {2}- heal:.*\n/, ''),
    );
    const { results, exitCode, output } = await drill(file);
    expect(results.verdict, output).toBe('inconclusive');
    expect(exitCode).toBe(2);
    expect(verdictOf(results, 'fault-felt')).toBe('inconclusive');
  });
});

describe.skipIf(!HAS_DOCKER)('a saved run', () => {
  it('is judged again, offline, to the same verdict and exit code, and tells the story of a message', async () => {
    const { results, dir, exitCode, output } = await drill('mount-lost');
    expect(results.verdict, output).toBe('fail');
    expect(verdictOf(results, 'no-loss'), output).toBe('fail');
    const again = await nobounce(['check', dir, '--json']);
    expect(again.exitCode).toBe(exitCode);
    expect(JSON.parse(again.output)).toEqual(results);
    const lost = results.checks.find(({ name }) => name === 'no-loss')?.findings[0]?.messages[0] ?? '';
    expect(lost).toMatch(/-[ino]\d{6}$/);
    const story = await nobounce(['check', dir, '--explain', lost]);
    expect(story.exitCode).toBe(0);
    expect(story.output).toMatch(/under the mount point/i);
  });
});
