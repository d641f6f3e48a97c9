import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readSavedRun } from '../../src/report/saved-run.js';
import type { RunReport } from '../../src/report/reporter.js';

/** Chromium of this machine; undefined where there is none. */
export const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

if (CHROMIUM === undefined) {
  const what = 'the browser suites need Chromium: apt-get install chromium, or set CHROMIUM_PATH';
  if (process.env['NOBOUNCE_REQUIRE_CONTAINERS'] === '1') throw new Error(what);
  console.warn(`\n  LEFT OUT: ${what}\n`);
}

/** A real container run of reports/sample, its history unpacked. */
export async function sampleRun(name: 'vendor-os-bug' | 'mount-lost'): Promise<RunReport> {
  const dir = join(await mkdtemp(join(tmpdir(), 'nobounce-sample-')), name);
  await mkdir(dir);
  const sample = join('reports', 'sample', name);
  await writeFile(join(dir, 'history.jsonl'), gunzipSync(await readFile(join(sample, 'history.jsonl.gz'))));
  await writeFile(join(dir, 'scenario.yaml'), await readFile(join(sample, 'scenario.yaml')));
  return readSavedRun(dir);
}
