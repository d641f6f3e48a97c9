import leven from 'leven';

/** The known word nearest to what was written, or `undefined` where none is near enough to be meant. */
function nearest(written: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(written.length / 2)) + 1;
  for (const word of known) {
    const distance = leven(written.toLowerCase(), word.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  return best;
}

/** `, did you mean "hold"?` with what is near, else what there is to choose from. */
export function suggestion(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return near === undefined ? `; known: ${known.join(', ')}` : `, did you mean ${JSON.stringify(near)}?`;
}
