import leven from 'leven';

/** Longer words than any that is known here are not compared: their distance takes time, and says nothing. */
const MAX_COMPARED = 64;

/** How far what was written is from a word: as many letters as differ, less where it is the word's beginning. */
function distance(written: string, word: string): number {
  const [short, long] = [written.toLowerCase(), word.toLowerCase()];
  return short.length >= 2 && long.startsWith(short) ? 1 : leven(short, long);
}

/** The known word nearest to what was written, or `undefined` where none is near enough to be meant. */
function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length > MAX_COMPARED) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(written.length / 2)) + 1;
  for (const word of known) {
    const far = distance(written, word);
    if (far < bestDistance) [best, bestDistance] = [word, far];
  }
  return best;
}

/** `, did you mean "hold"?` with what is near, else what there is to choose from, `all`. */
export function suggestion(written: string, known: readonly string[], all = known): string {
  const near = nearest(written, known);
  return near === undefined ? `; known: ${all.join(', ')}` : `, did you mean ${JSON.stringify(near)}?`;
}
