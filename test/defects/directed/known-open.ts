/** Directed changes that pass all the same, and on which bases: to be closed. */
export const KNOWN_OPEN: Readonly<Record<string, readonly string[]>> = {};

/** Changes that a base has nothing for. */
export const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'a burst of mail that was never written': ['container', 'embedded'],
  'no visit to a spared volume before the fault': ['container'],
};
