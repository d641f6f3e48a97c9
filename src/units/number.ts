const WITH_SEPARATORS = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });

/** Writes a count the way a person reads it: `57`, `12,408`. */
export function formatCount(count: number): string {
  return WITH_SEPARATORS.format(count);
}
