import { markup, type Html } from './markup.js';

interface ScrollTable {
  /** The name of the frame, for who cannot see what stands above it. */
  readonly label: string;
  readonly kind: 'numbers' | 'life' | 'matrix' | 'text';
  readonly columns: readonly (string | Html)[];
  /** Rows with their cells; null is no row. */
  readonly rows: readonly (Html | null)[];
}

/** A table in a frame that scrolls by itself where it is too wide or too long, also by keyboard. */
export function scrollTable({ label, kind, columns, rows }: ScrollTable): Html {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${kind}">
      <thead>
        <tr>
          ${columns.map((column) => markup`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
