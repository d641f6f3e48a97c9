import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Address } from '../../../src/stack/stack.js';

export interface TestSmtp extends AsyncDisposable {
  readonly address: Address;
}

/** A message that a server has taken. */
export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  readonly user: string | undefined;
}

/** An SMTP server that takes everything, but for what the options refuse. */
export async function startSmtp(
  options: SMTPServerOptions = {},
  onTaken: (taken: Taken) => Error | undefined = () => undefined,
): Promise<TestSmtp> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onData(stream, { envelope, user }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        const refused = onTaken({
          from,
          to,
          raw: Buffer.concat(chunks),
          user: user === undefined ? undefined : String(user),
        });
        if (refused === undefined) done(null, '2.0.0 taken');
        else done(refused);
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const bound = listening.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    address: { host: '127.0.0.1', port: bound.port },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A refusal with its reply code. */
export function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** What a scripted server does at a point of the dialogue: a reply, or one of these. */
type Act =
  { readonly reply: string } | { readonly reply: string; readonly thenClose: true } | 'close' | 'hang';

type Point = 'greeting' | 'EHLO' | 'HELO' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'dot';
export type Script = { readonly [P in Point]?: Act };

const FRIENDLY: Readonly<Record<string, string>> = {
  greeting: '220 test',
  EHLO: '250 test',
  HELO: '250 test',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  dot: '250 2.0.0 taken',
  QUIT: '221 bye',
};

/** A server that keeps to the dialogue of RFC 5321 but at the points where its script says otherwise. */
export async function startScripted(script: Script): Promise<TestSmtp> {
  const sockets = new Set<Socket>();
  const acts: Readonly<Record<string, Act>> = script;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let pending = '';
    let inMessage = false;
    const at = (point: string): void => {
      const act = acts[point] ?? { reply: `${FRIENDLY[point] ?? '500 what?'}\r\n` };
      if (act === 'hang') return;
      if (act === 'close') {
        socket.destroy();
        return;
      }
      inMessage = point === 'DATA' && act.reply.startsWith('354');
      if ('thenClose' in act) socket.end(act.reply);
      else socket.write(act.reply);
    };
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (;;) {
        if (inMessage && acts['message'] !== undefined) {
          at('message');
          return;
        }
        const end = inMessage ? pending.indexOf('\r\n.\r\n') : pending.indexOf('\r\n');
        if (end === -1) return;
        const command = pending.slice(0, end);
        pending = pending.slice(end + (inMessage ? 5 : 2));
        if (inMessage) {
          inMessage = false;
          at('dot');
        } else at(command.slice(0, 4).toUpperCase());
      }
    });
    at('greeting');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    address: { host: '127.0.0.1', port: bound.port },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<Address> {
  const server = await startScripted({});
  await server[Symbol.asyncDispose]();
  return server.address;
}
