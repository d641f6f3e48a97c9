/** One message in an MTA's queue listing. */
export interface QueueEntry {
  readonly queueId: string;
  readonly queue: string;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly reason: string }[];
}

/** What the text that an MTA logged of a delivery says of its next hop. */
export interface NextHop {
  /** The next hop answered with a code of class 5. */
  readonly refused: boolean;
  /** The connection ended between the final dot and the reply: the next hop may have the message (RFC 1047). */
  readonly unanswered: boolean;
}

/** What an MTA's log tells about one message, in the MTA's own order. */
export type MtaRecord =
  | { readonly kind: 'message'; readonly queueId: string; readonly messageId: string }
  | {
      readonly kind: 'delivery';
      readonly queueId: string;
      readonly recipient: string;
      readonly status: 'sent' | 'deferred' | 'bounced' | 'expired' | 'undeliverable';
      readonly enhanced: string | null;
      readonly reply: string;
      readonly nextHop: NextHop;
    }
  /** A DSN was written to the sender; it has a queue id of its own. */
  | {
      readonly kind: 'notice';
      readonly queueId: string;
      readonly about: 'delay' | 'failure';
      readonly noticeId: string;
    }
  | { readonly kind: 'removed'; readonly queueId: string };

/** How long an MTA keeps what it cannot deliver, as it is configured. */
export interface QueueLifetimes {
  readonly mailMs: number;
  readonly bouncesMs: number;
  /** After how long a sender is told of a delay; 0: never. */
  readonly warningMs: number;
}

/** How one kind of MTA speaks; nothing of it stands anywhere else. */
export interface MtaDialect {
  readonly name: string;
  /** Reads one line of its log; null where it tells nothing about a message. */
  readonly parseLogLine: (line: string) => MtaRecord | null;
  /**
   * Reads one listing of its queue, as its `watchQueue` command prints it in one line.
   * @throws where the line is no listing.
   */
  readonly parseListing: (line: string) => readonly QueueEntry[];
  /**
   * Reads what its `queueLifetimes` command prints.
   * @throws where it says no lifetimes.
   */
  readonly parseLifetimes: (printed: string) => QueueLifetimes;
  /** Reads the text that its log gave of a delivery. */
  readonly readNextHop: (reply: string) => NextHop;
}
