/** Directed changes that pass all the same, and on which bases: to be closed. */
export const KNOWN_OPEN: Readonly<Record<string, readonly string[]>> = {
  'the log has deliveries and no delays': ['container', 'embedded', 'replay of 2023'],
  'the senders dead from the middle of the outage on': ['container', 'embedded', 'replay of 2023'],
};

/** Changes that a base has nothing for. */
export const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'no visit to a spared volume before the fault': ['container'],
};
