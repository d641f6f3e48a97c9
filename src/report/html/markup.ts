import { visibleLines } from '../safe-text.js';

/** Markup that is safe to put into a page. Only this file and the chart renderer make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | null | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as the content of an element or of a quoted attribute: it stays text whatever it holds. */
export function escapeHtml(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return value instanceof Html ? value.text : value.map(textOf).join('');
}

/**
 * A template whose every value is escaped, unless it is markup already. Null is nothing. Indentation of the
 * template itself does not reach the page. It is not called
 * `html`: Prettier would format what stands in it, and blanks in a page mean something.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts.map((part, index) => part.replace(/\n\s+/g, '\n') + textOf(values[index] ?? null)).join(''),
  );
}
