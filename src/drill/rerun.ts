import { shellWord } from '../report/safe-text.js';

/** What a run was asked for: all that decides what it does and where its report goes. */
interface Asked {
  readonly scenarioFile: string;
  readonly stack: string | null;
  /** Null where nobody named one. */
  readonly driver: string | null;
  readonly seed: number;
  readonly reportDir: string;
  readonly toxiproxy: string | undefined;
}

/** Where runs go unless somebody says otherwise. */
export const REPORT_DIR = 'reports';

/** The command that does the same run again. */
export function rerunCommand({ scenarioFile, stack, driver, seed, reportDir, toxiproxy }: Asked): string {
  return [
    `npx nobounce run ${shellWord(scenarioFile)}`,
    ...(stack === null ? [] : [`--stack ${shellWord(stack)}`]),
    ...(driver === null ? [] : [`--driver ${driver}`]),
    `--seed ${seed}`,
    ...(reportDir === REPORT_DIR ? [] : [`--report-dir ${shellWord(reportDir)}`]),
    ...(toxiproxy === undefined ? [] : [`--toxiproxy ${shellWord(toxiproxy)}`]),
  ].join(' ');
}
