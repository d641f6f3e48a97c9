import { join } from 'node:path';
import type { Reporter, RunReport } from './reporter.js';
import { writeWhole } from './whole-file.js';

/** Half a second: the charts come with them. */
async function loadPages() {
  const [{ renderRunPage }, { messagesToTell }, { observeRun }] = await Promise.all([
    import('./html/run-page.js'),
    import('./html/findings.js'),
    import('./observation.js'),
  ]);
  return { renderRunPage, messagesToTell, observeRun };
}

/** The page of a run, from what is saved in its folder. */
export async function runPage(report: RunReport): Promise<string> {
  const { renderRunPage, messagesToTell, observeRun } = await loadPages();
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
    loadPages().catch(() => undefined);
  }

  async ended(report: RunReport): Promise<void> {
    await writeWhole(join(report.dir, 'report.html'), await runPage(report));
  }

  async finished(reports: readonly RunReport[]): Promise<void> {
    if (reports.length < 2) return;
    const { renderIndexPage } = await import('./html/index-page.js');
    const file = join(this.#reportsDir, 'index.html');
    await writeWhole(file, renderIndexPage(reports, file));
  }
}
