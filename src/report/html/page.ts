import { createHash } from 'node:crypto';
import type { Verdict } from '../../check/verdict.js';
import { markup, Html } from './markup.js';
import { STYLE } from './style.js';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing may be loaded and nothing may run: not even a flaw in the escaping could call home. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'`;

const VERDICT_WORD = {
  pass: 'Passed',
  fail: 'Failed',
  inconclusive: 'Inconclusive',
  skipped: 'Skipped',
} as const;

/** A verdict as a word on its colour: it never depends on the colour alone. */
export function verdictTag(verdict: Verdict | 'skipped', text: string = verdict): Html {
  return markup`<span class="tag is-${verdict}">${text}</span>`;
}

export interface Page {
  readonly title: string;
  /** What stands in the corners of the head: what this is, and when it was. */
  readonly about: string;
  readonly when: string;
  readonly verdict: Verdict;
  /** What the verdict is called; the word for a run where nothing else is given. */
  readonly verdictWord?: string;
  readonly headline: string;
  readonly head: Html;
  /** Its sections, by the id of each. */
  readonly contents?: readonly (readonly [id: string, title: string])[];
  readonly body: Html;
  readonly foot: string;
}

/** A whole page: one file without a script, without a request, readable in light, in dark and on paper. */
export function renderPage(page: Page): string {
  const { title, about, when, verdict, headline, head, body, foot } = page;
  const { verdictWord = VERDICT_WORD[verdict], contents = [] } = page;
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        <a class="skip" href="#main">To the report</a>
        <header>
          <div class="brand">
            <span><strong>nobounce</strong> · ${about}</span><span>${when}</span>
          </div>
          <p class="verdict is-${verdict}">${verdictWord}</p>
          <h1>${unbroken(headline)}</h1>
          ${head} ${contents.length === 0 ? null : tableOfContents(contents)}
        </header>
        <main id="main">${body}</main>
        <footer><p>${foot}</p></footer>
      </body>
    </html>
`.text;
}

function tableOfContents(contents: readonly (readonly [id: string, title: string])[]): Html {
  return markup`<nav class="contents" aria-label="On this page">
    <ul>
      ${contents.map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)}
    </ul>
  </nav>`;
}

/** A figure and its unit stay on one line. */
function unbroken(text: string): string {
  return text.replace(/(\d) (ms|s|min|h|d)\b/g, '$1\u00a0$2');
}

/** A time of the machine's clock, as everyone reads it: `2026-11-23 22:49 UTC`. */
export function wallTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
