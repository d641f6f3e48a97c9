import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { NobounceError } from '../errors/errors.js';
import { REPORT_DIR } from '../drill/rerun.js';
import { shellWord } from '../report/safe-text.js';
import { print } from './output.js';

const EXAMPLES = `
Examples:
  nobounce show
  nobounce show vendor-os-bug
  nobounce show reports/mount-lost/latest --print`;

type Env = Readonly<Record<string, string | undefined>>;

/** What opens a page on this system; null where nobody would see it. */
export function openerFor(platform: NodeJS.Platform, env: Env): readonly [string, ...string[]] | null {
  if (env['CI'] !== undefined || env['SSH_CONNECTION'] !== undefined) return null;
  if (platform === 'darwin') return ['open'];
  // The empty word is the title of a window, which `start` would take the path for.
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  return env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined ? null : ['xdg-open'];
}

/** Hands the page to the system; who has no opener has the path, which was printed. */
async function open(page: string): Promise<void> {
  const opener = openerFor(process.platform, process.env);
  if (opener === null) return;
  const [command, ...args] = opener;
  const child = spawn(command, [...args, resolve(page)], { stdio: 'ignore', detached: true });
  await Promise.race([once(child, 'spawn'), once(child, 'error')]);
  child.unref();
}

export const showCommand = new Command('show')
  .description("open a run's report and print its path; without a run, of the newest one")
  .argument('[run]', "a run's folder, or a scenario: its newest run")
  .option('--report-dir <dir>', 'where runs are looked for', REPORT_DIR)
  .option('--print', 'only print the path')
  .addHelpText('after', EXAMPLES)
  .action(async (run, { reportDir, print: isOnlyPrinted }) => {
    const { findRun } = await import('../report/find-run.js');
    const dir = findRun(run, reportDir);
    const page = join(dir, 'report.html');
    if (!existsSync(page)) {
      throw new NobounceError('usage', `the run in ${dir} has no page`, {
        advice: `make it with \`nobounce report ${shellWord(dir)}\``,
      });
    }
    print(page);
    if (isOnlyPrinted !== true && process.stdout.isTTY) await open(page);
  });
