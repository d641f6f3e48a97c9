import type { ImapFlow } from 'imapflow';
import { DeadlineError } from '../errors/deadline.js';
import { shortageError } from '../errors/shortage.js';
import type { EventOf } from '../history/event.js';
import type { Account, Address } from '../stack/stack.js';
import { LONGEST_TIMER_MS } from '../units/timer.js';

export type ReaderStep = EventOf<'reader.visited'>['steps'][number];

/** An IMAP connection that is not open yet. Errors after the login are in `failure`, never unhandled. */
export interface ImapSession {
  readonly client: ImapFlow;
  failure(): Error | undefined;
  /** Ends the connection without waiting for the server. */
  close(): void;
}

/** The library takes a tenth of a second to load: a run loads it while its stack starts. */
export const loadImapFlow = () => import('imapflow');

/** Prepares a connection with the account's credentials, or with others to try. */
export async function imapSession(
  server: Address,
  account: Account,
  timeoutMs: number,
  password = account.password,
): Promise<ImapSession> {
  const { ImapFlow } = await loadImapFlow();
  const silenceMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const client = new ImapFlow({
    host: server.host,
    port: server.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: account.address, pass: password },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
  });
  let failure: Error | undefined;
  client.on('error', (error: Error) => {
    failure = error;
  });
  return {
    client,
    failure: () => failure,
    close: () => {
      client.close();
    },
  };
}

function property(error: unknown, name: string): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value: unknown = Object.entries(error).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
}

/**
 * What went wrong with an IMAP command: tagged NO or BAD with its response code (RFC 5530), or the connection.
 * @throws NobounceError (`harness`) where this machine has nothing left for a connection.
 */
export function imapFailure(error: unknown): Pick<ReaderStep, 'outcome' | 'code' | 'text'> {
  const shortage = shortageError('an IMAP connection', error);
  if (shortage !== null) throw shortage;
  const status = property(error, 'responseStatus')?.toUpperCase();
  const code = property(error, 'serverResponseCode');
  const text = property(error, 'responseText') ?? (error instanceof Error ? error.message : String(error));
  if (status === 'NO') return { outcome: 'no', code, text };
  if (status === 'BAD') return { outcome: 'bad', code, text };
  const timedOut =
    error instanceof DeadlineError ||
    /timeout|timed out|deadline/i.test(`${property(error, 'code') ?? ''} ${text}`);
  return { outcome: timedOut ? 'timeout' : 'closed', code, text };
}
