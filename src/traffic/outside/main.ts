/**
 * The rest of the Internet, in a container of its own: takes every message for every address and prints it as
 * one JSON line, `{"from","to","raw"}` with the message in base64. The harness reads the lines. It has no room for mail
 * to `closed+…` (451), and knows nobody called `refused+…` (550). Beside it stands a server that is closed: it answers
 * every connection with 421, for the scenario's MX while nobody shall reach it.
 */
import { createServer } from 'node:net';
import { SMTPServer } from 'smtp-server';

const MAX_BYTES = 64 * 1024 * 1024;

function answer(reply: string, responseCode: number): Error {
  return Object.assign(new Error(reply), { responseCode });
}

const server = new SMTPServer({
  banner: 'outside',
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  size: MAX_BYTES,
  disableReverseLookup: true,
  logger: false,
  onRcptTo({ address }, _session, done) {
    if (address.startsWith('closed+')) done(answer('4.2.0 mailbox unavailable', 451));
    else if (address.startsWith('refused+')) done(answer('5.1.1 no such mailbox', 550));
    else done();
  },
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', done);
    stream.on('end', () => {
      if (stream.sizeExceeded) {
        done(answer('5.3.4 message too big', 552));
        return;
      }
      const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
      const raw = Buffer.concat(chunks).toString('base64');
      const lines = session.envelope.rcptTo.map((to) => `${JSON.stringify({ from, to: to.address, raw })}\n`);
      // The 250 comes after the line is out: what was acknowledged is never missing from the record.
      process.stdout.write(lines.join(''), () => {
        done(null, 'taken');
      });
    });
  },
});

server.on('error', (error: Error) => {
  process.stderr.write(`outside: ${error.message}\n`);
});
const port = Number(process.env['OUTSIDE_PORT'] ?? '25');
server.listen(port, process.env['OUTSIDE_HOST'] ?? '0.0.0.0', () => {
  process.stdout.write('nobounce: ready\n');
});
// That nothing arrives must not look like a dead outside.
setInterval(() => process.stdout.write('nobounce: mark\n'), 1_000).unref();
const closedPort = process.env['CLOSED_MX_PORT'];
if (closedPort !== undefined) {
  createServer((socket) => {
    socket.on('error', () => undefined);
    // RFC 5321 section 3.8: a server may say 421 in place of its greeting, and close.
    socket.end('421 4.3.2 closed.outside.test takes no mail now\r\n');
  }).listen(Number(closedPort), process.env['OUTSIDE_HOST'] ?? '0.0.0.0');
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    process.exit(0);
  });
}
