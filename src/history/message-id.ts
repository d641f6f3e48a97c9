/** Where a message's id stands: its own header, its Message-ID, or an address that carries it (`friend+RUN-o000001@…`). */
const CARRIERS: readonly RegExp[] = [
  /^[ \t>]*x-nobounce-id[ \t]*:[ \t]*(\S+)[ \t]*$/im,
  /<([^\s<>@.]+)(?:\.[^\s<>@]*)?@nobounce\.invalid>/i,
];
const IN_ADDRESS = /\+([a-z0-9]+-[ionc]\d{6,})@/;

/** The id of a message in what is left of it, or in what quotes it: headers anywhere in the text, in any order. */
export function idInText(text: string): string | null {
  for (const carrier of CARRIERS) {
    const id = carrier.exec(text)?.[1];
    if (id !== undefined) return id;
  }
  return null;
}

/** The id that an address carries; null for addresses that carry none. */
export function idInAddress(address: string): string | null {
  return IN_ADDRESS.exec(address)?.[1] ?? null;
}
