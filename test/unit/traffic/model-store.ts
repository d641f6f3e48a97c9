import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Brick } from '../../../src/stack/embedded/array/brick.js';
import { Heads } from '../../../src/stack/embedded/array/heads.js';
import type { Defect } from '../../../src/stack/embedded/store/defect.js';
import { imapServer, type ImapAccount } from '../../../src/stack/embedded/store/imap.js';
import { Mailbox, VolumeHealth } from '../../../src/stack/embedded/store/mailbox.js';
import { Mount } from '../../../src/stack/embedded/store/mount.js';
import type { Account, Address } from '../../../src/stack/stack.js';

interface Stored {
  readonly mailbox: Mailbox;
  readonly mount: Mount;
  readonly health: VolumeHealth;
}

/** The model store's IMAP in this process, with a mailbox for each account on an array of its own. */
export class ModelStore implements AsyncDisposable {
  readonly imap: Address;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #stored: ReadonlyMap<string, Stored>;
  readonly #heads: readonly Heads[];

  private constructor(
    imap: Address,
    server: Server,
    sockets: Set<Socket>,
    stored: ReadonlyMap<string, Stored>,
    heads: readonly Heads[],
  ) {
    this.imap = imap;
    this.#server = server;
    this.#sockets = sockets;
    this.#stored = stored;
    this.#heads = heads;
  }

  static async start(accounts: readonly Account[], defect?: Defect): Promise<ModelStore> {
    const stored = new Map<string, Stored>();
    const logins = new Map<string, ImapAccount>();
    const heads: Heads[] = [];
    for (const { address, password } of accounts) {
      const dir = await mkdtemp(join(tmpdir(), 'model-store-'));
      const array = new Heads(new Brick(dir));
      heads.push(array);
      const port = await array.open({ kind: 'healthy' }, 0);
      const mount = new Mount('gold', { host: '127.0.0.1', port }, join(dir, 'bare'), 1_000);
      await mount.mount();
      const health = new VolumeHealth();
      const mailbox = new Mailbox(address, mount, health, defect);
      await mailbox.provision();
      stored.set(address, { mailbox, mount, health });
      logins.set(address, { password, mailbox });
    }
    const server = imapServer(logins, defect);
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    return new ModelStore({ host: '127.0.0.1', port: bound.port }, server, sockets, stored, heads);
  }

  deliver(address: string, raw: string): Promise<void> {
    return this.#of(address).mailbox.deliver(Buffer.from(raw, 'latin1'));
  }

  /** Takes the volume of a mailbox away, as an array that is gone. */
  unmount(address: string): void {
    this.#of(address).mount.unmount();
  }

  async mount(address: string): Promise<void> {
    await this.#of(address).mount.mount();
  }

  /** What its defects wait for. */
  hadErrors(address: string): void {
    this.#of(address).health.hadErrors = true;
  }

  /** Cuts every connection, as a server does that is started anew. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    for (const { mount } of this.#stored.values()) mount.unmount();
    for (const array of this.#heads) await array.close('healthy');
  }

  #of(address: string): Stored {
    const stored = this.#stored.get(address);
    if (stored === undefined) throw new Error(`no mailbox ${address}`);
    return stored;
  }
}
