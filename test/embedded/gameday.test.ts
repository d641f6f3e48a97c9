import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resultsSchema } from '../../src/check/results.js';
import { CHROMIUM } from '../browser/pages.js';
import { held, longEnoughToTell, state } from '../support/gameday.js';

const axeResult = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

describe.skipIf(CHROMIUM === undefined)('a game day, at its page', () => {
  let browser: Browser;
  let reports = '';

  beforeAll(async () => {
    reports = await mkdtemp(join(tmpdir(), 'nobounce-gameday-'));
    browser = await chromium.launch({
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser.close();
    await rm(reports, { recursive: true, force: true });
  });

  it('goes from preflight to the report by keys alone', { timeout: 240_000 }, async () => {
    const day = held(reports, 'embedded');
    try {
      const context = await browser.newContext({ viewport: { width: 1_920, height: 1_080 } });
      const page = await context.newPage();
      await page.goto(await day.link('operator'));
      expect(page.url()).not.toContain('#');
      await state(page, 'STEADY', 90_000);
      // Preflight is red at first: nobody can say go without a reason.
      const steady = page.getByLabel('preflight').getByText('not yet: mail has flowed steadily');
      await steady.waitFor();
      await page.keyboard.press('g');
      await page.getByText('to go all the same, give a reason').waitFor();
      expect(await page.getByRole('button', { name: 'inject' }).isDisabled()).toBe(true);
      await steady.waitFor({ state: 'detached', timeout: 90_000 });
      await page.getByLabel('reason').fill('the model keeps no lifetime');
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.getByLabel('preflight').waitFor({ state: 'detached' });
      await page.keyboard.press('i');
      await state(page, 'BROKEN');
      await page.keyboard.press('Space');
      await page.keyboard.type('pager rang <img src=x onerror=alert(1)> #surprise');
      await page.keyboard.press('Enter');
      await page.getByText('pager rang <img src=x').waitFor();
      // The page's own policy forbids scripts from elsewhere: axe comes through the debugger.
      await page.evaluate(axe.source);
      const found = axeResult.parse(
        await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })"),
      );
      expect(found.violations).toEqual([]);
      const shown = await page.locator('.sentence').innerText();
      expect(shown).toMatch(/Nothing is lost\./);
      await longEnoughToTell(page);
      await page.keyboard.press('A');
      await page.getByText('vendor-os-bug on gold is gone').waitFor({ timeout: 20_000 });
      const onlooker = await browser.newPage();
      await onlooker.goto(await day.link('observer'));
      await onlooker.locator('.sentence').waitFor();
      expect(await onlooker.getByRole('button').count()).toBe(0);
      await page.keyboard.press('e');
      expect(await day.ended, day.output()).toBe(0);
      await page.getByText('Over:').waitFor();
      const latest = join(reports, 'game-day', 'latest');
      const results = resultsSchema.parse(JSON.parse(await readFile(join(latest, 'results.json'), 'utf8')));
      expect(results.verdict, day.output()).toBe('pass');
      expect(results.mail.accepted).toBe(results.mail.delivered);
      const history = await readFile(join(latest, 'history.jsonl'), 'utf8');
      for (const mark of ['"act":"go"', '"act":"abort"', 'pager rang', '"act":"end"'])
        expect(history).toContain(mark);
    } finally {
      day.kill();
      await day.ended;
    }
  });
});
