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
