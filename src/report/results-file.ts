import { join } from 'node:path';
import { resultsOf } from '../check/results.js';
import { safeJson } from './safe-text.js';
import type { Reporter, RunReport } from './reporter.js';
import { writeWhole } from './whole-file.js';

/** `results.json`: everything that was found, for machines (DESIGN section 6). Written whole or not at all. */
export class ResultsFile implements Reporter {
  readonly name = 'results';

  async ended({ dir, judgement }: RunReport): Promise<void> {
    await writeWhole(join(dir, 'results.json'), `${safeJson(resultsOf(judgement))}\n`);
  }
}
