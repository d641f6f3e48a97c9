import { describe, expect, it } from 'vitest';
import type { Defect } from '../../../src/stack/embedded/store/defect.js';
import { listMailbox, MailboxWatch, prepareMailbox } from '../../../src/traffic/mailboxes.js';
import type { TrafficContext } from '../../../src/traffic/context.js';
import { planOf } from '../../support/scenario.js';
import { eventually, pause } from '../../support/waiting.js';
import { ModelStore } from './model-store.js';
import { Recorded, ToyStack } from './toy-stack.js';

const BOX = 'u1@libero.test';
const PLAN = planOf({ domains: [{ name: 'libero.test', mailboxes: 1, volumes: ['gold'] }] });
const ACCOUNT = { address: BOX, volume: 'gold', password: `secret of ${BOX}` };

const mail = (number: number, body = 'Hello\r\n'): string => {
  const id = `run1-i00000${String(number)}`;
  return `X-Nobounce-Id: ${id}\r\nMessage-ID: <${id}@nobounce.invalid>\r\nSubject: x\r\n\r\n${body}`;
};

const NOTICE = [
  'From: MAILER-DAEMON@libero.test',
  `To: ${BOX}`,
  'Subject: Undelivered Mail Returned to Sender',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'Sorry.',
  '--b',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mta',
  '',
  'Final-Recipient: rfc822; friend@outside.test',
  'Action: failed',
  'Status: 5.0.0',
  '',
  '--b',
  'Content-Type: message/rfc822-headers',
  '',
  'X-Nobounce-Id: run1-o000007',
  'Message-ID: <run1-o000007@nobounce.invalid>',
  '',
  '--b--',
  '',
].join('\r\n');

interface Watching {
  readonly context: TrafficContext;
  readonly watch: MailboxWatch;
  readonly store: ModelStore;
  readonly recorded: Recorded;
}

async function watching(use: (parts: Watching) => Promise<void>, defect?: Defect): Promise<void> {
  await using store = await ModelStore.start([ACCOUNT], defect);
  await using stack = await ToyStack.start(PLAN, { imap: store.imap });
  const recorded = new Recorded();
  const context = stack.context(PLAN, recorded);
  const watch = new MailboxWatch(context);
  watch.start();
  try {
    await use({ context, watch, store, recorded });
  } finally {
    await watch.stop();
  }
}

const found = ({ recorded }: Watching) =>
  recorded.of('copy.found').map(({ id, uid }) => `${id ?? '?'} ${uid}`);

/** Waits for so many copies, and a little longer: nothing may come twice. */
async function copies(parts: Watching, count: number): Promise<readonly string[]> {
  await eventually(
    () => found(parts).length >= count,
    () => found(parts),
  );
  await pause(700);
  return found(parts);
}

describe('the watch of a mailbox', () => {
  it('finds each copy once, as it comes', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      expect(await copies(parts, 1)).toEqual(['run1-i000001 1']);
      await parts.store.deliver(BOX, mail(2));
      expect(await copies(parts, 2)).toEqual(['run1-i000001 1', 'run1-i000002 2']);
    }));

  it('finds both copies of what came twice', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      await parts.store.deliver(BOX, mail(1));
      expect(await copies(parts, 2)).toEqual(['run1-i000001 1', 'run1-i000001 2']);
    }));

  it('takes a notice for what it is', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, NOTICE);
      await eventually(
        () => parts.recorded.of('dsn.received').length > 0,
        () => parts.recorded.events,
      );
      expect(parts.recorded.of('dsn.received')[0]).toMatchObject({ place: 'mailbox', action: 'failed' });
      expect(found(parts)).toEqual([]);
    }));

  it('comes back after its connection was cut, and tells nothing twice', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      await copies(parts, 1);
      parts.store.cut();
      await parts.store.deliver(BOX, mail(2));
      expect(await copies(parts, 2)).toEqual(['run1-i000001 1', 'run1-i000002 2']);
    }));

  it('comes back when its volume does', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      await copies(parts, 1);
      parts.store.unmount(BOX);
      await pause(700);
      await parts.store.mount(BOX);
      await parts.store.deliver(BOX, mail(2));
      expect(await copies(parts, 2)).toEqual(['run1-i000001 1', 'run1-i000002 2']);
    }));

  it('takes a mailbox with another UIDVALIDITY for another mailbox', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      await copies(parts, 1);
      parts.store.hadErrors(BOX);
      parts.store.cut();
      await eventually(
        () => new Set(parts.recorded.of('copy.found').map(({ uidValidity }) => uidValidity)).size === 2,
        () => parts.recorded.of('copy.found'),
      );
      expect(found(parts)).toEqual(['run1-i000001 1', 'run1-i000001 1']);
    }, 'changes-uidvalidity'));

  it('looks away from a volume, and at it again', () =>
    watching(async (parts) => {
      parts.watch.leave('gold');
      await parts.store.deliver(BOX, mail(1));
      await pause(1_000);
      expect(found(parts)).toEqual([]);
      parts.watch.comeBack('gold');
      expect(await copies(parts, 1)).toEqual(['run1-i000001 1']);
    }));

  it('leaves no connection open when it is stopped', () =>
    watching(async (parts) => {
      await parts.store.deliver(BOX, mail(1));
      await copies(parts, 1);
      await parts.watch.stop();
      await eventually(
        () => parts.store.connections === 0,
        () => parts.store.connections,
      );
    }));
});

describe('a listing', () => {
  it('tells every message with its flags, before and at the end', () =>
    watching(async ({ context, store, recorded }) => {
      await store.deliver(BOX, mail(1, 'longer than the other\r\n'));
      await store.deliver(BOX, mail(2));
      // Readers look for the smallest message.
      expect(await prepareMailbox(context, ACCOUNT)).toMatchObject({ uid: 2 });
      await listMailbox(context, ACCOUNT);
      const [before, after] = recorded.of('mailbox.listed');
      expect(before).toMatchObject({ stage: 'before', mailbox: BOX });
      expect(after).toMatchObject({ stage: 'after', messages: before?.messages });
      expect(after?.messages.map(({ uid, id, flags }) => ({ uid, id, flags: flags.toSorted() }))).toEqual([
        { uid: 1, id: 'run1-i000001', flags: ['\\Seen'] },
        { uid: 2, id: 'run1-i000002', flags: ['\\Flagged', '\\Seen'] },
      ]);
    }));

  it('of a mailbox that cannot be opened throws', () =>
    watching(async ({ context, store }) => {
      store.unmount(BOX);
      await expect(listMailbox(context, ACCOUNT)).rejects.toThrow();
    }));
});
