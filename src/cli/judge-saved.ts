import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { judgeFile } from '../check/judge.js';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import { historyIn, readHistory } from '../history/reader.js';
import { insteadOf } from '../report/instead-of.js';
import { visible } from '../report/safe-text.js';
import { Terminal } from '../report/terminal.js';
import { lookOf } from '../report/terminal-look.js';
import { print, printJson } from './output.js';

/** What `nobounce check` was asked for. */
interface Asked {
  readonly json?: true | undefined;
  readonly explain?: string | undefined;
  readonly verbose?: true | undefined;
}

function historyOf(runDir: string): string {
  const isDir = existsSync(runDir) && statSync(runDir).isDirectory();
  const file = isDir ? historyIn(runDir) : runDir;
  if (existsSync(file)) return file;
  throw new NobounceError('usage', `there is no history at ${file}`, {
    advice: "name a run's folder, such as reports/vendor-os-bug/latest",
  });
}

/** Judges a saved run, or tells the story of one of its messages; the exit code is that of the run. */
export async function judgeSaved(runDir: string, { json, explain: id, verbose }: Asked): Promise<void> {
  const file = historyOf(runDir);
  if (id !== undefined) {
    const { explain, storyLines } = await import('../check/explain.js');
    const story = await explain(readHistory(file), id);
    if (story === null) {
      throw new NobounceError('usage', `no message ${JSON.stringify(id)} in ${file}`, {
        advice: 'findings name the messages they are about; ids look like 1n0634-i000060',
      });
    }
    if (json) printJson(story);
    else print(storyLines(story).map(visible).join('\n'));
    return;
  }
  const judgement = await judgeFile(file);
  const { run } = judgement;
  if (judgement.events === 0) {
    throw new NobounceError('usage', `${file} holds no event: it is no history, or a run died at once`, {
      advice: "name a run's folder, such as reports/vendor-os-bug/latest",
    });
  }
  if (json) {
    const { resultsOf } = await import('../check/results.js');
    printJson(resultsOf(judgement));
  } else {
    const look = lookOf(process.stdout.isTTY, process.env);
    const dir = relative(process.cwd(), runDir) || '.';
    const page = join(dir, 'report.html');
    new Terminal(process.stdout, { ...look, verbose: verbose === true }).judged(judgement, {
      report: existsSync(page) ? page : dir,
      failures: run?.harnessFailures ?? [],
      stack: run?.stack.name ?? 'an unknown stack',
      driver: run?.driver ?? 'unknown',
      insteadOf: run === null ? null : insteadOf(run.scenario.stack, run.stack.name),
    });
  }
  if (run?.ended === 'interrupted') process.exitCode = EXIT_CODE.interrupted;
  else if ((run?.harnessFailures.length ?? 0) > 0) process.exitCode = EXIT_CODE.harness;
  else process.exitCode = EXIT_CODE[judgement.verdict];
}
