/**
 * Writes reports/sample/: the reports of two real container runs, one that passes and one that fails, with
 * their histories (compressed), so that everyone can see what a run leaves without running one.
 *
 *   npm run sample                 runs both drills on containers, then writes the sample
 *   npm run sample -- DIR DIR      takes two saved runs
 */
import { spawnSync } from 'node:child_process';
import { access, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readSavedRun } from '../src/report/saved-run.js';

const SAMPLE = 'reports/sample';

function nobounce(...args: readonly string[]): void {
  const { error } = spawnSync(process.execPath, ['dist/cli/main.js', ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
}

let dirs = process.argv.slice(2);
if (dirs.length === 0) {
  // The stock stack survives the vendor's bug and loses mail with the mount: both are worth seeing.
  nobounce('run', 'vendor-os-bug', 'mount-lost', '--stack', 'postfix-dovecot');
  dirs = ['reports/vendor-os-bug/latest', 'reports/mount-lost/latest'];
}
// Read before the old sample goes: what cannot be read must not cost it.
const runs = await Promise.all(
  dirs.map(async (dir) => {
    await access(join(dir, 'history.jsonl'));
    return { dir, scenario: (await readSavedRun(dir)).scenario };
  }),
);
await rm(SAMPLE, { recursive: true, force: true });
const samples: string[] = [];
for (const { dir, scenario } of runs) {
  const sample = join(SAMPLE, scenario.name);
  await mkdir(sample, { recursive: true });
  for (const file of ['history.jsonl', 'scenario.yaml'])
    await cp(join(dir, file), join(sample, basename(file)));
  samples.push(sample);
}
nobounce('report', ...samples, '--reporter', 'html,junit', '--report-dir', SAMPLE);
for (const sample of samples) {
  const history = join(sample, 'history.jsonl');
  await writeFile(`${history}.gz`, gzipSync(await readFile(history), { level: 9 }));
  await rm(history);
}
