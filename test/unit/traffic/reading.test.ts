import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imapServer } from '../../../src/stack/embedded/store/imap.js';
import { Mailbox, VolumeHealth } from '../../../src/stack/embedded/store/mailbox.js';
import { Mount } from '../../../src/stack/embedded/store/mount.js';
import { digestMessage } from '../../../src/traffic/digest.js';
import { imapSession, type ImapSession } from '../../../src/traffic/imap.js';
import { beginReading, type ReadMessage, type Step } from '../../../src/traffic/reading.js';

const MIB = 1_048_576;
const OWN = 'X-Nobounce-Id: run1-i000001\r\nSubject: x\r\n\r\n';

/** A message of exactly so many bytes. */
function message(bytes: number, head = OWN): Buffer {
  const body = '0123456789abcdefghijklmnopqrstuvwxyz\r\n'.repeat(Math.ceil(bytes / 38));
  return Buffer.from(head + body, 'latin1').subarray(0, bytes);
}

/** The model store's IMAP server with these messages in the only mailbox, and a session that has it open. */
async function withMailbox(
  messages: readonly Buffer[],
  use: (session: ImapSession) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'reading-'));
  mkdirSync(join(dir, 'x.test/u/new'), { recursive: true });
  const entries = messages.map((raw, index) => {
    const file = `${String(index)}.1.x,S=${String(raw.length)}`;
    writeFileSync(join(dir, 'x.test/u/new', file), raw);
    return { uid: index + 1, file, bytes: raw.length, flags: ['\\Seen'], atMs: 0 };
  });
  const view = { uidValidity: 1, uidNext: messages.length + 1, entries };
  writeFileSync(join(dir, 'x.test/u/index'), JSON.stringify(view));
  const mount = new Mount('gold', { host: '127.0.0.1', port: 1 }, dir, 1_000);
  const mailbox = new Mailbox('u@x.test', mount, new VolumeHealth(), undefined);
  const server = imapServer(new Map([['u@x.test', { password: 'p', mailbox }]]), undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  const account = { address: 'u@x.test', password: 'p', volume: 'gold' };
  const session = await imapSession({ host: '127.0.0.1', port: bound.port }, account, 20_000);
  try {
    await session.client.connect();
    await session.client.mailboxOpen('INBOX', { readOnly: true });
    await use(session);
  } finally {
    session.close();
    server.close();
  }
}

async function readAll({ client }: ImapSession, step: Step): Promise<readonly ReadMessage[]> {
  const read: ReadMessage[] = [];
  for (const { finish } of await beginReading(client, '1:*', step)) read.push(await finish(step));
  return read;
}

describe('a mailbox that is read in pieces', () => {
  it('gives the digest of each message, whatever its size', async () => {
    const sizes = [200, MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 7];
    const messages = sizes.map((bytes) => message(bytes));
    await withMailbox(messages, async (session) => {
      const read = await readAll(session, (work) => work());
      expect(read.map(({ digest }) => digest)).toEqual(messages.map(digestMessage));
      expect(read.map(({ uid, flags }) => [uid, flags])).toEqual(
        sizes.map((_, index) => [index + 1, ['\\Seen']]),
      );
      expect(read.every(({ start }) => start === null)).toBe(true);
    });
  });

  it('keeps the first piece of what may be a notice, and no more', async () => {
    const notice = message(2 * MIB, 'Subject: Undelivered\r\n\r\n');
    await withMailbox([notice], async (session) => {
      const [read] = await readAll(session, (work) => work());
      expect(read?.start?.equals(notice.subarray(0, MIB))).toBe(true);
      expect(read?.digest).toEqual(digestMessage(notice));
    });
  });

  it('takes many steps, each of which may have a deadline of its own', async () => {
    await withMailbox([message(2 * MIB + 1)], async (session) => {
      let steps = 0;
      await readAll(session, (work) => {
        steps += 1;
        return work();
      });
      expect(steps).toBeGreaterThanOrEqual(4);
      const failing: Step = () => Promise.reject(new Error('too late'));
      await expect(readAll(session, failing)).rejects.toThrow('too late');
    });
  });
});
