/** One mailbox: its address, its owner's login (the address), and the volume it lies on. */
export interface PlannedMailbox {
  readonly address: string;
  readonly volume: string;
}

/** What a scenario says of a domain. */
interface Domain {
  readonly name: string;
  readonly mailboxes: number;
  readonly volumes: readonly string[];
}

/** The mailboxes of a domain, in turn on its volumes. */
export function mailboxesOf({ name, mailboxes, volumes }: Domain): readonly PlannedMailbox[] {
  return Array.from({ length: mailboxes }, (_, index) => ({
    address: `u${String(index + 1)}@${name}`,
    volume: volumes[index % volumes.length] ?? '',
  }));
}
