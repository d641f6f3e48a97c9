/**
 * The model store, a process of its own: LMTP and IMAP in front of mailboxes on volumes. It does what a good store
 * does, unless it is told to have a defect (docs/embedded.md).
 */
import type { Server as NetServer } from 'node:net';
import { serveCommands, tell } from '../control.js';
import { storeCommand, storeSetup } from './commands.js';
import { parseDefect } from './defect.js';
import { imapServer, type ImapAccount } from './imap.js';
import { lmtpServer } from './lmtp.js';
import { Mailbox, VolumeHealth } from './mailbox.js';
import { Mount } from './mount.js';
import { StorageProbe } from './probe.js';

const HOST = '127.0.0.1';

function portOf(server: NetServer): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

const setup = storeSetup.parse(JSON.parse(process.env['NOBOUNCE_STORE'] ?? ''));
const defect = parseDefect(process.env['NOBOUNCE_STORE_DEFECT']);
const mounts = new Map<string, Mount>();
for (const { name, host, port, mountPoint } of setup.volumes)
  mounts.set(name, new Mount(name, { host, port }, mountPoint, setup.silenceMs ?? Infinity));

function mountNamed(volume: string): Mount {
  const mount = mounts.get(volume);
  if (mount === undefined) throw new Error(`there is no volume ${volume}`);
  return mount;
}

serveCommands(async (given) => {
  const command = storeCommand.parse(given);
  const mount = mountNamed(command.volume);
  switch (command.do) {
    case 'mount':
      await mount.mount();
      break;
    case 'unmount':
      mount.unmount();
      break;
    case 'probe':
      new StorageProbe(mount, command, (probe) => {
        tell({ probe });
      })
        .run()
        .catch((error: unknown) => {
          // Without its probe a run proves nothing.
          process.nextTick(() => {
            throw error;
          });
        });
      break;
  }
  return null;
});

await Promise.all([...mounts.values()].map((mount) => mount.mount()));
const accounts = new Map<string, ImapAccount>();
const health = new Map(setup.volumes.map(({ name }) => [name, new VolumeHealth()]));
for (const { address, password, volume } of setup.accounts) {
  const mailbox = new Mailbox(address, mountNamed(volume), health.get(volume) ?? new VolumeHealth(), defect);
  accounts.set(address, { password, mailbox });
}
await Promise.all([...accounts.values()].map(({ mailbox }) => mailbox.provision()));
// Only what happens to a running store counts for its defects.
for (const state of health.values()) state.hadErrors = false;

const mailboxes = new Map([...accounts].map(([address, { mailbox }]) => [address, mailbox]));
const lmtp = lmtpServer(mailboxes, defect);
const imap = imapServer(accounts, defect);
await Promise.all([
  new Promise<void>((resolve) => lmtp.listen(0, HOST, resolve)),
  new Promise<void>((resolve) => imap.listen(0, HOST, resolve)),
]);
tell({ ready: { lmtp: portOf(lmtp.server), imap: portOf(imap) } });
