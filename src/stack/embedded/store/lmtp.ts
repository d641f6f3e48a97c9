import { SMTPServer } from 'smtp-server';
import { StorageError } from '../storage-error.js';
import { describeError } from '../../../errors/errors.js';
import type { Defect } from './defect.js';
import type { Mailbox } from './mailbox.js';

/** What the MTA takes, and the trace headers it adds. */
const MAX_BYTES = 27 * 1024 * 1024;

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function failure(error: unknown, address: string, defect: Defect | undefined): Error {
  const isStorage = error instanceof StorageError;
  process.stderr.write(`lmtp: ${address}: ${describeError(error)}\n`);
  if (!isStorage) return reply(451, '4.3.0 internal error');
  // RFC 3463 section 3.3: 4.2.0 is about the mailbox, which is what the recipient's sender may know.
  if (defect === 'rejects-on-error')
    return reply(554, `5.2.0 <${address}> cannot be stored (${error.errno})`);
  return reply(451, `4.2.0 <${address}> cannot be stored now (${error.errno})`);
}

/**
 * The store's LMTP server (RFC 2033): 250 for a recipient only when the message is on disk in its mailbox, 451 on
 * every error of the storage, whatever it is.
 */
export function lmtpServer(mailboxes: ReadonlyMap<string, Mailbox>, defect: Defect | undefined): SMTPServer {
  const deliver = async (address: string, message: Buffer): Promise<string | Error> => {
    const done = `2.0.0 <${address}> stored`;
    const mailbox = mailboxes.get(address.toLowerCase());
    if (mailbox === undefined) return reply(550, `5.1.1 <${address}> unknown`);
    const storing = mailbox.deliver(message);
    if (defect === 'answers-early') {
      storing.catch((error: unknown) => {
        failure(error, address, defect);
      });
      return done;
    }
    try {
      await storing;
      return done;
    } catch (error) {
      return failure(error, address, defect);
    }
  };
  const server = new SMTPServer({
    lmtp: true,
    name: 'store',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // Its own enhanced codes would come before ours.
    hideENHANCEDSTATUSCODES: true,
    size: MAX_BYTES,
    logger: false,
    onRcptTo({ address }, _session, done) {
      done(mailboxes.has(address.toLowerCase()) ? null : reply(550, `5.1.1 <${address}> unknown`));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        // RFC 5321 section 4.4: final delivery adds the return path.
        const message = Buffer.concat([Buffer.from(`Return-Path: <${from}>\r\n`), ...chunks]);
        Promise.all(rcptTo.map(({ address }) => deliver(address, message))).then(
          (replies) => {
            done(null, replies);
          },
          (error: unknown) => {
            done(reply(451, `4.3.0 ${describeError(error)}`));
          },
        );
      });
    },
  });
  server.on('error', (error: Error) => {
    process.stderr.write(`lmtp: ${error.message}\n`);
  });
  return server;
}
