import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { eventually } from './waiting.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A day that is held in a process of its own. */
export function held(reports: string, driver: 'docker' | 'embedded') {
  const args = ['gameday', '--driver', driver, '--listen', '127.0.0.1:0', '--report-dir', reports];
  const process_ = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, CI: '1' } });
  let output = '';
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  const ended = new Promise<number | null>((resolve) => {
    process_.on('exit', resolve);
  });
  const link = async (role: 'operator' | 'observer'): Promise<string> => {
    const pattern = new RegExp(`${role}\\s+(http://\\S+)`);
    await eventually(
      () => pattern.test(output),
      () => output,
    );
    return pattern.exec(output)?.[1] ?? '';
  };
  return { link, ended, output: () => output, kill: () => process_.kill('SIGKILL') };
}

/** Waits until the page's state is this word. */
export async function state(page: Page, word: string, timeoutMs = 30_000): Promise<void> {
  await page.locator('h1', { hasText: word }).waitFor({ timeout: timeoutMs });
}

/** What is judged by the mail of an outage: before there was enough of it, nobody knows. */
const OF_THE_OUTAGE = ['queued-during-outage', 'outbound-flows', 'honest-login', 'blast-radius'] as const;

/** Waits until the page says of these promises that they hold: the outage was long enough to tell. */
export async function longEnoughToTell(page: Page): Promise<void> {
  for (const name of OF_THE_OUTAGE)
    await page.locator('.promises li.good', { hasText: name }).waitFor({ timeout: 60_000 });
}
