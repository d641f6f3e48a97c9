import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { shortageError } from '../errors/shortage.js';
import type { EventOf, Outcome } from '../history/event.js';
import type { Address } from '../stack/stack.js';
import { formatBytes } from '../units/size.js';
import { fairPieces } from './fair-pieces.js';
import type { MailData } from './mail-data.js';
import { after, LONGEST_TIMER_MS } from '../units/timer.js';

type Stage = EventOf<'attempt.ended'>['at'];

/** What one SMTP attempt came to (DESIGN section 2). */
export interface AttemptResult {
  readonly outcome: Outcome;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
  readonly at: Stage;
  readonly ms: number;
}

export interface Attempt {
  readonly server: Address;
  /** The name given in EHLO. */
  readonly client: string;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly from: string;
  readonly to: string;
  readonly message: MailData;
  /** Of the whole attempt. */
  readonly timeoutMs: number;
}

/** The enhanced status code in a reply (RFC 2034 section 4, RFC 3463). */
export function enhancedCode(reply: string): string | null {
  return /(?:^|\s)([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(reply)?.[1] ?? null;
}

const CHUNK_BYTES = 16_384;

interface SmtpFailure {
  readonly code: number | null;
  readonly response: string;
  readonly command: string;
  readonly kind: string;
}

function property(error: object, name: string): unknown {
  return Object.entries(error).find(([key]) => key === name)?.[1];
}

function failureOf(error: Error): SmtpFailure {
  const [code, response, command, kind] = ['responseCode', 'response', 'command', 'code'].map((name) =>
    property(error, name),
  );
  return {
    code: typeof code === 'number' ? code : null,
    response: typeof response === 'string' && response !== '' ? response : error.message,
    command: typeof command === 'string' ? command : '',
    kind: typeof kind === 'string' ? kind : '',
  };
}

/** In chunks, the reading end waits for the network: what broke off early had not sent the final dot. */
function* chunksOf({ pieces }: MailData): Generator<Buffer> {
  for (const piece of pieces())
    for (let start = 0; start < piece.length; start += CHUNK_BYTES)
      yield piece.subarray(start, start + CHUNK_BYTES);
}

/** The largest message that a server takes, as its answer to EHLO says (RFC 1870 section 4); 0: it does not say. */
function announcedBytes(reply: string): number {
  return Number(/^250[ -]SIZE[ \t]+(\d+)/im.exec(reply)?.[1] ?? '0');
}

function callback<T>(
  run: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

/**
 * Sends one message over one new connection and says exactly how far it came. A connection that breaks
 * after the final dot was on its way is `ambiguous` (RFC 5321 section 4.5.3.2.6, RFC 1047): the message may or may
 * not have been taken. A message above the size that the server announces is refused with 552 at `mail`, as the server
 * would refuse it, and is not sent (RFC 1870 section 6.1). Never throws for anything the server or the network does.
 * @throws NobounceError (`harness`) where this machine has no file descriptor, memory or port left for it.
 */
export async function attemptSmtp(attempt: Attempt): Promise<AttemptResult> {
  const startMs = performance.now();
  const progress: Progress = { at: 'connect' };
  const connection = connectionFor(attempt);
  const { broken, callOff } = watchForBreak(connection, attempt.timeoutMs);
  const ended = (answer: Answer): AttemptResult => ({
    ...answer,
    enhanced: enhancedCode(answer.reply),
    reply: answer.reply.trim(),
    at: progress.at,
    ms: performance.now() - startMs,
  });
  try {
    return ended(await Promise.race([dialogue(connection, attempt, progress), broken]));
  } catch (error) {
    const shortage = shortageError('an SMTP connection', error);
    if (shortage !== null) throw shortage;
    return ended(answerOfFailure(error, progress));
  } finally {
    callOff();
    connection.removeAllListeners('error');
    connection.on('error', () => undefined);
    connection.quit();
    const closing = setTimeout(() => {
      connection.close();
    }, 200);
    closing.unref();
  }
}

/** How far an attempt has come. */
interface Progress {
  at: Stage;
}

type Answer = Pick<AttemptResult, 'outcome' | 'code' | 'reply'>;

function connectionFor({ server, client, timeoutMs }: Attempt): SMTPConnection {
  const silenceMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  return new SMTPConnection({
    host: server.host,
    port: server.port,
    name: client,
    ignoreTLS: true,
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    socketCloseTimeout: 500,
  });
}

/** Rejects where the connection breaks or the time is over: the pending callback does not always hear of that. */
function watchForBreak(
  connection: SMTPConnection,
  timeoutMs: number,
): { readonly broken: Promise<never>; readonly callOff: () => void } {
  let callOff = (): void => undefined;
  const broken = new Promise<never>((_, reject) => {
    connection.on('error', reject);
    connection.once('end', () => {
      // A 421 and the end come together; the reply, which follows, tells more.
      setImmediate(() => {
        reject(new Error('the server closed the connection'));
      });
    });
    callOff = after(timeoutMs, () => {
      reject(new Error(`no answer within ${String(timeoutMs)} ms`));
    });
  });
  broken.catch(() => undefined);
  return { broken, callOff };
}

async function dialogue(connection: SMTPConnection, attempt: Attempt, progress: Progress): Promise<Answer> {
  await callback((done) => {
    connection.connect(done);
  });
  const maxBytes = announcedBytes(String(connection.lastServerResponse));
  const { auth } = attempt;
  if (auth !== undefined) {
    progress.at = 'auth';
    await callback((done) => {
      connection.login(auth, done);
    });
  }
  progress.at = 'mail';
  const { bytes } = attempt.message;
  if (maxBytes > 0 && bytes > maxBytes) {
    const limit = `${String(maxBytes)} bytes (${formatBytes(maxBytes)})`;
    const why = `the server takes no message larger than ${limit}, as it announced in EHLO (SIZE, RFC 1870)`;
    return { outcome: 'rejected', code: 552, reply: `552 5.3.4 ${why}; this one has ${String(bytes)}` };
  }
  const message = Readable.from(fairPieces(chunksOf(attempt.message)), { objectMode: false });
  message.once('resume', () => {
    progress.at = 'data';
  });
  message.once('end', () => {
    progress.at = 'dot';
  });
  const info = await callback<{ response?: string | undefined }>((done) => {
    connection.send({ from: attempt.from, to: [attempt.to], size: bytes }, message, done);
  });
  progress.at = 'dot';
  const reply = info?.response ?? '';
  return { outcome: 'accepted', code: Number(/^\d{3}/.exec(reply)?.[0] ?? 250), reply };
}

/** What an attempt that broke off came to, and where. */
function answerOfFailure(error: unknown, progress: Progress): Answer {
  const failure = failureOf(error instanceof Error ? error : new Error(String(error)));
  const stages: readonly (readonly [RegExp, Stage])[] = [
    [/^AUTH/, 'auth'],
    [/^(EHLO|HELO|LHLO)/, 'hello'],
    [/^MAIL/, 'mail'],
    [/^RCPT/, 'rcpt'],
    [/^DATA/, failure.kind === 'EMESSAGE' ? 'dot' : 'data'],
  ];
  progress.at = stages.find(([command]) => command.test(failure.command))?.[1] ?? progress.at;
  const { code, response: reply } = failure;
  // A reply before EHLO can be no other than the greeting (RFC 5321 section 3.1).
  if (progress.at === 'connect' && code !== null) progress.at = 'greeting';
  if (code !== null && code >= 400) return { outcome: code < 500 ? 'deferred' : 'rejected', code, reply };
  return { outcome: progress.at === 'dot' ? 'ambiguous' : 'unsent', code: null, reply };
}
