import { join } from 'node:path';
import { mailboxDaysCsv } from '../check/mailbox-days.js';
import type { Reporter, RunReport } from './reporter.js';
import { writeWhole } from './whole-file.js';

/** `mailboxes.csv`: for each mailbox and each simulated day, what happened to the mail sent to it. */
export class MailboxesFile implements Reporter {
  readonly name = 'mailboxes';

  async ended({ dir, judgement }: RunReport): Promise<void> {
    await writeWhole(join(dir, 'mailboxes.csv'), mailboxDaysCsv(judgement.mailboxDays));
  }
}
