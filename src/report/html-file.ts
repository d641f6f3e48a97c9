import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messagesToTell } from './html/findings.js';
import { renderRunPage } from './html/run-page.js';
import { observeRun } from './observation.js';
import type { Reporter, RunReport } from './reporter.js';

/** The page of a run, from what is saved in its folder. */
export async function runPage(report: RunReport): Promise<string> {
  const observed = await observeRun(report.dir, messagesToTell(report.judgement.checks));
  const scenarioText = await readFile(join(report.dir, 'scenario.yaml'), 'utf8');
  return renderRunPage(report, observed, scenarioText);
}

/** `report.html` of each run: one file for people. Written whole or not at all. */
export class HtmlFile implements Reporter {
  readonly name = 'html';

  async ended(report: RunReport): Promise<void> {
    const file = join(report.dir, 'report.html');
    await writeFile(`${file}.part`, await runPage(report));
    await rename(`${file}.part`, file);
  }
}
