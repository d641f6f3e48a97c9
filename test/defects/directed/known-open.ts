/** Directed changes that pass all the same, and on which bases: to be closed. */
export const KNOWN_OPEN: Readonly<Record<string, readonly string[]>> = {
  'a scenario of more mailboxes': ['container', 'embedded', 'replay of 2023'],
  'every promise skipped': ['container', 'embedded', 'replay of 2023'],
  'every visit failing behind the heal': ['container', 'embedded', 'replay of 2023'],
  'every visit to a spared volume failing': ['embedded', 'replay of 2023'],
  'every visit to a spared volume failing at its login': ['embedded', 'replay of 2023'],
  'every visit to a spared volume failing in the outage': ['replay of 2023'],
  'every visit to a spared volume slow in the outage': ['container', 'embedded', 'replay of 2023'],
  'no fault.healing': ['container', 'embedded', 'replay of 2023'],
  'no visit to a spared volume': ['container', 'embedded', 'replay of 2023'],
  'no visit to a spared volume before the fault': ['embedded', 'replay of 2023'],
  'no visit to a spared volume in the outage': ['container', 'embedded', 'replay of 2023'],
  'the log has deliveries and no delays': ['container', 'embedded', 'replay of 2023'],
  'the readers dead before the first fault': ['replay of 2023'],
  'the readers dead from the middle on': ['replay of 2023'],
  'the readers source falls silent in the middle': ['replay of 2023, with heartbeats'],
  'the senders dead from the middle of the outage on': ['container', 'embedded', 'replay of 2023'],
};

/** Changes that a base has nothing for. */
export const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'no visit to a spared volume before the fault': ['container'],
};
