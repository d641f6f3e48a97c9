/** A message as it is sent: written anew for each attempt, so that nobody need hold it in memory as a whole. */
export interface MailData {
  readonly bytes: number;
  readonly pieces: () => Iterable<Buffer>;
}

/** A message that is there as a whole. */
export function mailData(raw: Buffer): MailData {
  return { bytes: raw.length, pieces: () => [raw] };
}
