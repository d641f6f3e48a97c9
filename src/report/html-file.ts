import { join } from 'node:path';
import { messagesToTell } from './html/findings.js';
import { renderIndexPage } from './html/index-page.js';
import { observeRun } from './observation.js';
import type { Reporter, RunReport } from './reporter.js';
import { writeWhole } from './whole-file.js';

/** Half a second: the charts come with it. */
const loadRunPage = () => import('./html/run-page.js');

/** The page of a run, from what is saved in its folder. */
export async function runPage(report: RunReport): Promise<string> {
  const { renderRunPage } = await loadRunPage();
  const observed = await observeRun(report.dir, messagesToTell(report.judgement.checks));
  return renderRunPage(report, observed);
}

/** `report.html` of each run, and `index.html` over several. */
export class HtmlFile implements Reporter {
  readonly name = 'html';
  readonly #reportsDir: string;

  constructor(reportsDir: string) {
    this.#reportsDir = reportsDir;
  }

  started(): void {
    // Loaded while the stack starts; a failure shows when the page is written.
    loadRunPage().catch(() => undefined);
  }

  async ended(report: RunReport): Promise<void> {
    await writeWhole(join(report.dir, 'report.html'), await runPage(report));
  }

  async finished(reports: readonly RunReport[]): Promise<void> {
    if (reports.length < 2) return;
    const file = join(this.#reportsDir, 'index.html');
    await writeWhole(file, renderIndexPage(reports, file));
  }
}
