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

/** Control characters are no HTML (and hide things in a terminal or a diff): they are shown as a dot. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** Marks that turn the reading direction around would let a sender rewrite the sentence around it. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text as the content of an element or of a quoted attribute: it stays text whatever it holds. */
export function escapeHtml(text: string): string {
  return text
    .replace(CONTROL, '·')
    .replace(DIRECTION, '·')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
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
