import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { resultsSchema } from '../../src/check/results.js';
import { CHROMIUM } from '../browser/pages.js';
import { held, longEnoughToTell, state } from '../support/gameday.js';
import { HAS_DOCKER } from './drill.js';

/** The embedded stack plays the whole day in `npm test`. */
const IS_ASKED = process.env['NOBOUNCE_GAMEDAY'] === '1';

describe.skipIf(!HAS_DOCKER || CHROMIUM === undefined)('a game day on Postfix and Dovecot', () => {
  it.skipIf(!IS_ASKED)('go, inject, felt, note, abort, gone, report (npm run test:gameday)', async () => {
    const reports = await mkdtemp(join(tmpdir(), 'nobounce-gameday-'));
    const day = held(reports, 'docker');
    const browser = await chromium.launch({
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1_920, height: 1_080 } });
      await page.goto(await day.link('operator'));
      await state(page, 'STEADY', 300_000);
      await page.getByLabel('preflight').waitFor({ state: 'visible' });
      await page
        .getByLabel('preflight')
        .getByText('not yet')
        .first()
        .waitFor({ state: 'detached', timeout: 120_000 });
      await page.keyboard.press('g');
      await page.getByLabel('preflight').waitFor({ state: 'detached' });
      await page.keyboard.press('i');
      await state(page, 'BROKEN');
      await page.keyboard.press('Space');
      await page.keyboard.type('pager rang #surprise');
      await page.keyboard.press('Enter');
      await page.getByText('pager rang #surprise').waitFor();
      await page.getByText(/^\d+ messages? waits?\. Nothing is lost\./).waitFor({ timeout: 60_000 });
      await longEnoughToTell(page);
      await page.keyboard.press('A');
      await page.getByText('vendor-os-bug on gold is gone').waitFor();
      await page.keyboard.press('e');
      expect(await day.ended, day.output()).toBe(0);
      await page.getByText('Over:').waitFor();
      const latest = join(reports, 'game-day', 'latest');
      const results = resultsSchema.parse(JSON.parse(await readFile(join(latest, 'results.json'), 'utf8')));
      expect(results.verdict, day.output()).toBe('pass');
      expect(await readFile(join(latest, 'report.html'), 'utf8')).toContain('<h1');
    } finally {
      await browser.close();
      day.kill();
      await day.ended;
      await rm(reports, { recursive: true, force: true });
    }
  });
});
