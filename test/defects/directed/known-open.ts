/** Directed changes that pass all the same, and on which bases: to be closed. */
export const KNOWN_OPEN: Readonly<Record<string, readonly string[]>> = {
  'a bounce with an action that nobody knows and no status': ['container', 'embedded', 'replay of 2023'],
  'a delay whose text is a refusal': ['container', 'embedded', 'replay of 2023'],
  'a delay with a status of a bounce': ['container', 'embedded', 'replay of 2023'],
  'a delay without a reply': ['container', 'embedded', 'replay of 2023'],
  'a delivery with a status of a bounce': ['container', 'embedded', 'replay of 2023'],
  'a mailbox listed at the end before all its mail can have come': [
    'container',
    'embedded',
    'replay of 2023',
  ],
  'a message twice in its mailbox, excused by an attempt behind its acceptance': [
    'container',
    'embedded',
    'replay of 2023',
  ],
  'a message twice in its mailbox, excused by an attempt without an end behind its acceptance': [
    'container',
    'embedded',
    'replay of 2023',
  ],
  'a refusal that is called a delay': ['container', 'embedded', 'replay of 2023'],
  'a refusal that is called ambiguous': ['container', 'embedded', 'replay of 2023'],
  'a refusal that is called unsent': ['container', 'embedded', 'replay of 2023'],
  'a relayed message with a status of a bounce': ['container', 'embedded', 'replay of 2023'],
  'a scenario of more mailboxes': ['container', 'embedded', 'replay of 2023'],
  'an acceptance at the recipient': ['container', 'embedded', 'replay of 2023'],
  'an acceptance whose text is a refusal': ['container', 'embedded', 'replay of 2023'],
  'an acceptance with a code of a delay': ['container', 'embedded', 'replay of 2023'],
  'an acceptance with a code of refusal': ['container', 'embedded', 'replay of 2023'],
  'an acceptance with an enhanced code of refusal': ['container', 'embedded', 'replay of 2023'],
  'an acceptance without a reply': ['container', 'embedded', 'replay of 2023'],
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
