import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resultsOf } from '../../src/check/results.js';
import { compareRuns } from '../../src/report/compare.js';
import { runPage } from '../../src/report/html-file.js';
import { renderComparePage } from '../../src/report/html/compare-page.js';
import { observeCourse } from '../../src/report/observation.js';
import { renderIndexPage } from '../../src/report/html/index-page.js';
import { HOSTILE, lossyHistory, savedRun } from '../support/saved-run.js';
import { CHROMIUM, sampleRun } from './pages.js';

const AxeResult = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
  passes: z.array(z.object({ id: z.string() })),
});
const WIDTHS = [390, 1_280] as const;
const SCHEMES = ['light', 'dark'] as const;

describe.skipIf(CHROMIUM === undefined)('pages in Chromium', () => {
  let browser: Browser;
  const files = new Map<string, string>();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    const passed = await sampleRun('vendor-os-bug');
    const failed = await sampleRun('mount-lost');
    const hostile = await savedRun(lossyHistory());
    const write = async (name: string, dir: string, page: string): Promise<void> => {
      const file = join(dir, `${name}.html`);
      await writeFile(file, page);
      files.set(name, pathToFileURL(file).href);
    };
    await write('passed', passed.dir, await runPage(passed));
    await write('failed', failed.dir, await runPage(failed));
    await write('hostile', hostile.dir, await runPage(hostile));
    await write('index', passed.dir, renderIndexPage([passed, failed], join(passed.dir, 'index.html')));
    const [before, after] = [passed, failed].map(({ dir, judgement }) => ({
      dir,
      results: resultsOf(judgement),
    }));
    if (before === undefined || after === undefined) throw new Error('two runs are compared');
    await write(
      'compare',
      passed.dir,
      renderComparePage({
        comparison: compareRuns(before, after),
        links: { before: null, after: null },
        courses: { before: await observeCourse(passed.dir), after: await observeCourse(failed.dir) },
      }),
    );
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  /** Opens a page and keeps what it says on the console and what it asks the network for. */
  async function open(
    name: string,
    width: number,
    scheme: (typeof SCHEMES)[number] = 'light',
  ): Promise<{ readonly page: Page; readonly noise: string[]; readonly requests: string[] }> {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      bypassCSP: false,
    });
    const page = await context.newPage();
    const noise: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const url = files.get(name);
    if (url === undefined) throw new Error(`there is no page ${name}`);
    await page.goto(url);
    return { page, noise, requests };
  }

  const ALL = ['passed', 'failed', 'hostile', 'index', 'compare'] as const;

  it.each(ALL.flatMap((name) => WIDTHS.map((width) => [name, width] as const)))(
    '%s at %i px: nothing on the console, nothing over the network, nothing wider than the screen',
    async (name, width) => {
      const { page, noise, requests } = await open(name, width);
      expect(noise).toEqual([]);
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([files.get(name)]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.context().close();
    },
  );

  it.each(WIDTHS)('at %i px the verdict, a chart and a finding’s whole story can be seen', async (width) => {
    const { page } = await open('failed', width);
    const heading = page.getByRole('heading', { level: 1 });
    expect(await heading.textContent()).toMatch(/did not keep its mail safe .* were lost/);
    expect(await heading.isVisible()).toBe(true);
    expect(await page.locator('.verdict').textContent()).toBe('Failed');
    const chart = page.locator('#attempts svg:visible');
    expect(await chart.count()).toBe(1);
    const box = await chart.boundingBox();
    expect(box?.width).toBeGreaterThan(width * 0.75);
    expect(await page.locator('#attempts svg:visible path').count()).toBeGreaterThan(10);
    const finding = page.locator('#finding-no-loss details.finding').first();
    await finding.locator('> summary').click();
    const story = finding.locator('details.story').first();
    await story.locator('> summary').click();
    const lines = story.locator('li');
    expect(await lines.first().isVisible()).toBe(true);
    expect((await lines.allTextContents()).join('\n')).toMatch(/accepted: 250[\s\S]*UNDER the mount point/);
    expect(await story.locator('p').textContent()).toBe('Fate: lost.');
    await page.context().close();
  });

  it('shows the figures of every chart in a table', async () => {
    const { page } = await open('passed', 1_280);
    for (const figure of [
      'outcome',
      'attempts',
      'queues',
      'probe',
      'errors',
      'logins',
      'deliveries',
      'delays',
    ]) {
      const table = page.locator(`#${figure} table`);
      expect(await table.count(), figure).toBe(1);
      expect(await table.locator('tbody tr').count(), figure).toBeGreaterThan(2);
    }
    await page.context().close();
  });

  it.each(['passed', 'failed'])('%s: the keyboard reaches every fold and opens it', async (name) => {
    const { page } = await open(name, 1_280);
    // Open folds first, so that those inside them are on the way.
    await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
    const folds = await page.locator('summary').count();
    await page.evaluate(`
      window.seen = new Set();
      document.addEventListener('focusin', ({ target }) => { if (target.tagName === 'SUMMARY') window.seen.add(target); });
    `);
    const stops = Number(await page.evaluate('document.querySelectorAll("a, summary, [tabindex]").length'));
    for (let stop = 0; stop <= stops; stop += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate('window.seen.size')).toBe(folds);
    const first = page.locator('summary').first();
    await first.focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.querySelector("summary").parentElement.open')).toBe(false);
    await page.context().close();
  });

  it.each(
    ALL.filter((name) => name !== 'hostile').flatMap((name) =>
      WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [name, width, scheme] as const)),
    ),
  )('%s at %i px, %s: axe finds nothing against WCAG 2 A and AA', async (name, width, scheme) => {
    const { page } = await open(name, width, scheme);
    await page.evaluate(
      'for (const fold of [...document.querySelectorAll("details")].slice(0, 40)) fold.open = true',
    );
    // The page's own policy forbids scripts: axe comes through the debugger, as no mail could.
    await page.evaluate(axe.source);
    const { violations, passes } = AxeResult.parse(
      await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })"),
    );
    expect(passes).toContainEqual({ id: 'color-contrast' });
    expect(violations).toEqual([]);
    await page.context().close();
  });

  it('keeps a hostile sender and hostile replies as text', async () => {
    const { page, noise } = await open('hostile', 1_280);
    await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
    const told = await page.locator('#findings').innerText();
    // Addresses are compared, and told, in lower case; marks of direction and control are dots.
    expect(told).toContain(HOSTILE.toLowerCase().replace('\u202e', '·').replace('\u0007', '·'));
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.title()).toMatch(/^fail: /);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  /** A4 without its margins. */
  const PAPER_WIDTH = 703;

  it.each([
    ...[360, 600, 601, 720, 768, 1_120, 1_121, 1_440].map((width) => ['screen', width] as const),
    ['print', PAPER_WIDTH] as const,
  ])('%s, %i px: no text of a chart is below 11 px', async (media, width) => {
    const { page } = await open('failed', width);
    await page.emulateMedia({ media });
    const smallest = z.number().parse(
      await page.evaluate(`Math.min(...[...document.querySelectorAll('svg.chart text')]
        .filter((text) => text.getBoundingClientRect().width > 0)
        .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))`),
    );
    expect(smallest).toBeGreaterThanOrEqual(11);
    expect(smallest).toBeLessThan(24);
    await page.context().close();
  });

  it('prints 57 lost messages on at most eight pages', async () => {
    const { page } = await open('failed', 1_280);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page[^s]/g)?.length).toBeLessThanOrEqual(8);
    await page.context().close();
  });

  it('leads to every section by its table of contents', async () => {
    const { page } = await open('failed', 390);
    const links = await page.locator('nav a').all();
    expect(links.length).toBeGreaterThan(6);
    for (const link of links) {
      const target = (await link.getAttribute('href')) ?? '';
      expect(await page.locator(`section${target} > h2`).textContent()).toBe(await link.textContent());
    }
    await page.context().close();
  });

  it('prints with every finding told', async () => {
    const { page } = await open('failed', 1_280);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#attempts .narrow svg').isVisible()).toBe(true);
    expect(await page.locator('#finding-no-loss .story li').first().isVisible()).toBe(true);
    await page.context().close();
  });
});
