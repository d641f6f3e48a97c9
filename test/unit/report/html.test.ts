import { describe, expect, it } from 'vitest';
import { runPage } from '../../../src/report/html-file.js';
import { escapeHtml, markup } from '../../../src/report/html/markup.js';
import { goodHistory, TYPICAL } from '../../support/good-history.js';
import { brokenHistory, lossyHistory, savedRun } from '../../support/saved-run.js';

describe('markup', () => {
  it('escapes what is put in, and not what is markup already', () => {
    expect(markup`<p title="${'"<'}">${markup`<b>${'&'}</b>`}${null}${[1, 'x']}</p>`.text).toBe(
      '<p title="&quot;&lt;"><b>&amp;</b>1x</p>',
    );
  });

  it('shows control characters and marks of direction as dots', () => {
    expect(escapeHtml('a\u0000b\u202ec')).toBe('a·b·c');
  });
});

describe('report.html', () => {
  it('has no script, no inline style and no address but links inside itself', async () => {
    const page = await runPage(await savedRun(lossyHistory()));
    expect(page).not.toMatch(/<script|<img|<iframe|<object|<link(?! rel="icon" href="data:,")/i);
    expect(page).not.toMatch(/<[^>]* (?:style|on\w+)=/i);
    expect(
      [...page.matchAll(/(?:href|src)="([^"]*)"/g)].every(([, to = '']) => /^(?:#|data:,$)/.test(to)),
    ).toBe(true);
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+';/);
  });

  it('tells of a run without mail why there is none', async () => {
    expect(await runPage(await savedRun(brokenHistory()))).toContain('an image will not build');
  });

  it('stays under 2 MB with thousands of messages', async () => {
    const page = await runPage(await savedRun(goodHistory({ ...TYPICAL, perSecond: 150 })));
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
  }, 60_000);
});
