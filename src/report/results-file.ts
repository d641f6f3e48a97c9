import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resultsOf } from '../check/results.js';
import { safeJson } from './safe-text.js';
import type { Reporter, RunReport } from './reporter.js';

/** `results.json`: everything that was found, for machines (DESIGN section 6). Written whole or not at all. */
export class ResultsFile implements Reporter {
  readonly name = 'results';

  async ended({ dir, judgement }: RunReport): Promise<void> {
    const file = join(dir, 'results.json');
    await writeFile(`${file}.part`, `${safeJson(resultsOf(judgement))}\n`);
    await rename(`${file}.part`, file);
  }
}
