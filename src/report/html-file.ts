import { join } from 'node:path';
import type { Zero } from './html/axis.js';
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

/** The page of a run, from what is saved in its folder; `zero` is what its charts count from. */
export async function runPage(report: RunReport, zero: Zero = 'start'): Promise<string> {
  const { renderRunPage, messagesToTell, observeRun } = await loadPages();
  const observed = await observeRun(report.dir, messagesToTell(report.judgement.checks));
  return renderRunPage(report, observed, zero);
}

/** `report.html` of each run, and `index.html` over several. */
export class HtmlFile implements Reporter {
  readonly name = 'html';
  readonly #reportsDir: string;
  readonly #zero: Zero;

  constructor(reportsDir: string, zero: Zero = 'start') {
    this.#reportsDir = reportsDir;
    this.#zero = zero;
  }

  started(): void {
    // Loaded while the stack starts; a failure shows when the page is written.
    loadPages().catch(() => undefined);
  }

  async ended(report: RunReport): Promise<void> {
    await writeWhole(join(report.dir, 'report.html'), await runPage(report, this.#zero));
  }

  async finished(reports: readonly RunReport[]): Promise<void> {
    if (reports.length < 2) return;
    const { renderIndexPage } = await import('./html/index-page.js');
    const file = join(this.#reportsDir, 'index.html');
    await writeWhole(file, renderIndexPage(reports, file));
  }
}
