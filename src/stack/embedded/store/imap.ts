import { createServer, type Server, type Socket } from 'node:net';
import { describeError } from '../../../errors/errors.js';
import type { FileRange } from '../array/protocol.js';
import { StorageError } from '../storage-error.js';
import type { Defect } from './defect.js';
import {
  ImapCommandReader,
  ImapSyntaxError,
  inSequenceSet,
  parseCommand,
  type ImapCommand,
  type ImapValue,
} from './imap-command.js';
import type { Entry, Mailbox, View } from './mailbox.js';

const CAPABILITIES = 'IMAP4rev1 LITERAL+ IDLE UNSELECT AUTH=PLAIN SASL-IR';
const FLAGS = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';
/** How often a mailbox is looked at for a client in IDLE. */
const IDLE_POLL_MS = 500;

/** Who may log in, and to which mailbox: kept by the store, not on a volume. */
export interface ImapAccount {
  readonly password: string;
  readonly mailbox: Mailbox;
}

/** A command's tagged answer. */
class Refusal extends Error {
  readonly status: 'NO' | 'BAD';

  constructor(status: 'NO' | 'BAD', message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

interface Selected {
  view: View;
  readonly readOnly: boolean;
}

/** The IMAP4rev1 server of the store: as much as a reader needs, with the response codes of RFC 5530. */
export function imapServer(accounts: ReadonlyMap<string, ImapAccount>, defect: Defect | undefined): Server {
  return createServer({ noDelay: true }, (socket) => {
    new Session(socket, accounts, defect).start();
  });
}

class Session {
  readonly #socket: Socket;
  readonly #accounts: ReadonlyMap<string, ImapAccount>;
  readonly #defect: Defect | undefined;
  #mailbox: Mailbox | undefined;
  #selected: Selected | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Takes the next line, where a command waits for one. */
  #onLine: ((line: string) => void) | undefined;

  constructor(socket: Socket, accounts: ReadonlyMap<string, ImapAccount>, defect: Defect | undefined) {
    this.#socket = socket;
    this.#accounts = accounts;
    this.#defect = defect;
  }

  start(): void {
    const socket = this.#socket;
    const reader = new ImapCommandReader(
      (line) => {
        if (this.#onLine !== undefined) this.#onLine(line.toString('latin1'));
        else this.#last = this.#last.then(() => this.#run(line));
      },
      () => {
        this.#send('+ go ahead');
      },
    );
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        socket.end(`* BYE ${describeError(error)}\r\n`);
      }
    });
    // A reader who hangs up in the middle is no event of the store's.
    socket.on('error', () => {
      socket.destroy();
    });
    socket.on('close', () => this.#onLine?.('DONE'));
    this.#send(`* OK [CAPABILITY ${CAPABILITIES}] model store ready`);
  }

  #send(line: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${line}\r\n`, 'latin1');
  }

  async #run(line: Buffer): Promise<void> {
    let tag = '*';
    try {
      const command = parseCommand(line);
      tag = command.tag;
      this.#send(`${tag} OK ${await this.#perform(command)}`);
      if (command.name === 'LOGOUT') this.#socket.end();
    } catch (error) {
      this.#send(this.#failure(tag, error));
    }
  }

  #failure(tag: string, error: unknown): string {
    if (error instanceof Refusal) return `${tag} ${error.status} ${error.message}`;
    if (error instanceof ImapSyntaxError) return `${error.tag} BAD ${error.message}`;
    process.stderr.write(`imap: ${this.#mailbox?.address ?? '-'}: ${describeError(error)}\n`);
    return error instanceof StorageError
      ? `${tag} NO [UNAVAILABLE] the mailbox cannot be reached now (${error.operation}: ${error.errno})`
      : `${tag} NO [SERVERBUG] internal error`;
  }

  async #perform(command: ImapCommand): Promise<string> {
    const { name, args } = command;
    switch (name) {
      case 'CAPABILITY':
        this.#send(`* CAPABILITY ${CAPABILITIES}`);
        return 'done';
      case 'NOOP':
      case 'CHECK':
        await this.#refresh();
        return 'done';
      case 'LOGOUT':
        this.#send('* BYE logging out');
        return 'done';
      case 'LOGIN':
        return this.#login(text(args[0]), text(args[1]));
      case 'AUTHENTICATE':
        return this.#authenticate(args);
      case 'LIST':
      case 'LSUB':
        this.#authenticated();
        this.#send(`* ${name} (\\HasNoChildren) "/" INBOX`);
        return 'done';
      case 'STATUS':
        return this.#status(args);
      case 'SELECT':
      case 'EXAMINE':
        return this.#select(text(args[0]), name === 'EXAMINE');
      case 'CLOSE':
      case 'UNSELECT':
        this.#selected = undefined;
        return 'done';
      case 'FETCH':
        return this.#fetch(args, false);
      case 'STORE':
        return this.#store(args, false);
      case 'SEARCH':
        return this.#search(args, false);
      case 'UID':
        return this.#uid(args);
      case 'IDLE':
        return this.#idle();
      default:
        throw new Refusal('BAD', `${name} is not known here`);
    }
  }

  #uid([name, ...args]: readonly ImapValue[]): Promise<string> {
    switch (text(name).toUpperCase()) {
      case 'FETCH':
        return this.#fetch(args, true);
      case 'STORE':
        return this.#store(args, true);
      case 'SEARCH':
        return this.#search(args, true);
      default:
        throw new Refusal('BAD', 'UID of what?');
    }
  }

  async #authenticate([mechanism, initial]: readonly ImapValue[]): Promise<string> {
    if (text(mechanism).toUpperCase() !== 'PLAIN') throw new Refusal('NO', '[CANNOT] only PLAIN');
    const encoded = initial === undefined ? await this.#ask() : text(initial);
    const [, user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split('\0');
    return this.#login(user, password);
  }

  #ask(): Promise<string> {
    this.#send('+ ');
    return new Promise((resolve) => {
      this.#onLine = (line) => {
        this.#onLine = undefined;
        resolve(line);
      };
    });
  }

  /** Needs no volume: a dead array never makes a right password wrong. */
  #login(user: string, password: string): string {
    const account = this.#accounts.get(user.toLowerCase());
    if (account?.password !== password) throw new Refusal('NO', '[AUTHENTICATIONFAILED] wrong credentials');
    this.#mailbox = account.mailbox;
    return `[CAPABILITY ${CAPABILITIES}] logged in`;
  }

  #authenticated(): Mailbox {
    if (this.#mailbox === undefined) throw new Refusal('NO', 'log in first');
    return this.#mailbox;
  }

  #inbox(name: string): Mailbox {
    const mailbox = this.#authenticated();
    if (name.toUpperCase() !== 'INBOX') throw new Refusal('NO', '[NONEXISTENT] there is only INBOX');
    return mailbox;
  }

  async #list(mailbox: Mailbox): Promise<View> {
    try {
      return await mailbox.list();
    } catch (error) {
      if (this.#defect === 'shows-empty' && error instanceof StorageError)
        return { uidValidity: 1, uidNext: 1, entries: [] };
      throw error;
    }
  }

  async #status([name, items]: readonly ImapValue[]): Promise<string> {
    const view = await this.#list(this.#inbox(text(name)));
    const values: Readonly<Record<string, number>> = {
      MESSAGES: view.entries.length,
      RECENT: 0,
      UIDNEXT: view.uidNext,
      UIDVALIDITY: view.uidValidity,
      UNSEEN: view.entries.filter(({ flags }) => !flags.includes('\\Seen')).length,
    };
    const asked = list(items).flatMap((item) => {
      const value = values[text(item).toUpperCase()];
      return value === undefined ? [] : [`${text(item).toUpperCase()} ${String(value)}`];
    });
    this.#send(`* STATUS INBOX (${asked.join(' ')})`);
    return 'done';
  }

  async #select(name: string, readOnly: boolean): Promise<string> {
    this.#selected = undefined;
    const view = await this.#list(this.#inbox(name));
    this.#selected = { view, readOnly };
    this.#send(`* ${String(view.entries.length)} EXISTS`);
    this.#send('* 0 RECENT');
    this.#send(`* FLAGS (${FLAGS})`);
    this.#send(`* OK [PERMANENTFLAGS (${readOnly ? '' : FLAGS})] flags`);
    this.#send(`* OK [UIDVALIDITY ${String(view.uidValidity)}] UIDs`);
    this.#send(`* OK [UIDNEXT ${String(view.uidNext)}] next UID`);
    return readOnly ? '[READ-ONLY] done' : '[READ-WRITE] done';
  }

  #selection(): Selected {
    if (this.#selected === undefined) throw new Refusal('BAD', 'select a mailbox first');
    return this.#selected;
  }

  /** Tells a client what is new in the mailbox it has open. */
  async #refresh(): Promise<void> {
    const selected = this.#selected;
    if (selected === undefined) return;
    const view = await this.#list(this.#authenticated());
    if (view.uidValidity !== selected.view.uidValidity) {
      // RFC 9051 section 2.3.1.1: a session never sees two of them.
      this.#socket.end('* BYE the mailbox has changed its UIDVALIDITY\r\n');
      return;
    }
    if (view.entries.length > selected.view.entries.length)
      this.#send(`* ${String(view.entries.length)} EXISTS`);
    selected.view = view;
  }

  #idle(): Promise<string> {
    this.#selection();
    this.#send('+ idling');
    return new Promise((resolve, reject) => {
      let polling: Promise<void> = Promise.resolve();
      const timer = setInterval(() => {
        // An outage is no reason to end an IDLE: the next look may succeed.
        polling = this.#refresh().catch((error: unknown) => {
          this.#failure('*', error);
        });
      }, IDLE_POLL_MS);
      this.#onLine = (line) => {
        this.#onLine = undefined;
        clearInterval(timer);
        polling.then(() => {
          if (line.toUpperCase() === 'DONE') resolve('done');
          else reject(new Refusal('BAD', 'expected DONE'));
        }, reject);
      };
    });
  }

  #chosen(set: string, byUid: boolean): readonly { readonly number: number; readonly entry: Entry }[] {
    const { entries } = this.#selection().view;
    const highest = byUid ? (entries.at(-1)?.uid ?? 0) : entries.length;
    const isIn = inSequenceSet(set, highest);
    return entries
      .map((entry, index) => ({ number: index + 1, entry }))
      .filter(({ number, entry }) => isIn(byUid ? entry.uid : number));
  }

  async #fetch([set, items]: readonly ImapValue[], byUid: boolean): Promise<string> {
    const mailbox = this.#authenticated();
    const asked = (typeof items === 'string' ? [items] : list(items)).map((item) => text(item).toUpperCase());
    if (byUid && !asked.includes('UID')) asked.push('UID');
    for (const { number, entry } of this.#chosen(text(set), byUid)) {
      const parts: Buffer[] = [];
      let content: Buffer | undefined;
      for (const item of asked) {
        const wanted = bodyPart(item);
        const range = partialBody(item);
        if (range !== undefined) {
          const part = await mailbox.read(entry.file, range);
          const name = `BODY[]<${String(range.offset)}> {${String(part.length)}}\r\n`;
          parts.push(Buffer.concat([Buffer.from(name), part]));
        } else if (wanted === undefined) parts.push(Buffer.from(dataItem(item, entry)));
        else {
          content ??= await mailbox.read(entry.file);
          const part = wanted(content);
          const name = item.replace('.PEEK', '');
          parts.push(Buffer.concat([Buffer.from(`${name} {${String(part.length)}}\r\n`), part]));
        }
      }
      const joined = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(' '), part]));
      const line = Buffer.concat([
        Buffer.from(`* ${String(number)} FETCH (`),
        ...joined,
        Buffer.from(')\r\n'),
      ]);
      if (!this.#socket.destroyed) this.#socket.write(line);
    }
    return 'done';
  }

  async #store([set, action, flags]: readonly ImapValue[], byUid: boolean): Promise<string> {
    const mailbox = this.#authenticated();
    const selected = this.#selection();
    if (selected.readOnly) throw new Refusal('NO', '[NOPERM] the mailbox is open for reading');
    const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(text(action)) ?? [];
    if (sign === undefined) throw new Refusal('BAD', 'STORE of what?');
    const given = (typeof flags === 'string' ? [flags] : list(flags)).map(text);
    const chosen = this.#chosen(text(set), byUid);
    const uids = new Set(chosen.map(({ entry }) => entry.uid));
    selected.view = await mailbox.setFlags(uids, (before) => {
      if (sign === '-') return before.filter((flag) => !given.includes(flag));
      return sign === '+' ? [...new Set([...before, ...given])] : given;
    });
    if (silent === undefined) {
      for (const { number, entry } of this.#chosen(text(set), byUid)) {
        this.#send(`* ${String(number)} FETCH (UID ${String(entry.uid)} FLAGS (${entry.flags.join(' ')}))`);
      }
    }
    return 'done';
  }

  /** ALL, UID, SEEN, UNSEEN and sequence sets; anything else is refused, never answered wrongly. */
  #search(args: readonly ImapValue[], byUid: boolean): Promise<string> {
    const { entries } = this.#selection().view;
    const keys = args.map((arg) => text(arg).toUpperCase());
    let found = entries.map((entry, index) => ({ entry, number: index + 1 }));
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? '';
      if (key === 'ALL') continue;
      if (key === 'SEEN' || key === 'UNSEEN')
        found = found.filter(({ entry }) => entry.flags.includes('\\Seen') === (key === 'SEEN'));
      else if (key === 'UID') {
        at += 1;
        const isIn = inSequenceSet(keys[at] ?? '', entries.at(-1)?.uid ?? 0);
        found = found.filter(({ entry }) => isIn(entry.uid));
      } else if (/^[\d:*,]+$/.test(key)) {
        const isIn = inSequenceSet(key, entries.length);
        found = found.filter(({ number }) => isIn(number));
      } else throw new Refusal('BAD', `SEARCH ${key} is not known here`);
    }
    const numbers = found.map(({ entry, number }) => ` ${String(byUid ? entry.uid : number)}`);
    this.#send(`* SEARCH${numbers.join('')}`);
    return Promise.resolve('done');
  }
}

function text(value: ImapValue | undefined): string {
  if (typeof value !== 'string') throw new Refusal('BAD', 'an argument is missing');
  return value;
}

function list(value: ImapValue | undefined): readonly ImapValue[] {
  if (value === undefined || typeof value === 'string') throw new Refusal('BAD', 'expected a list');
  return value;
}

/** What `BODY[]<offset.bytes>` (RFC 9051 section 6.4.5) asks for; undefined for other items. */
function partialBody(item: string): FileRange | undefined {
  const [, offset, bytes] = /^BODY(?:\.PEEK)?\[\]<(\d+)\.(\d+)>$/.exec(item) ?? [];
  return offset === undefined ? undefined : { offset: Number(offset), bytes: Number(bytes) };
}

/** How to take a BODY section out of a message; undefined for items that need no content. */
function bodyPart(item: string): ((content: Buffer) => Buffer) | undefined {
  switch (item.replace('.PEEK', '')) {
    case 'BODY[]':
    case 'RFC822':
      return (content) => content;
    case 'BODY[HEADER]':
    case 'RFC822.HEADER':
      return (content) => {
        const end = content.indexOf('\r\n\r\n');
        return end < 0 ? content : content.subarray(0, end + 4);
      };
    default:
      return undefined;
  }
}

function dataItem(item: string, { uid, flags, bytes, atMs }: Entry): string {
  switch (item) {
    case 'UID':
      return `UID ${String(uid)}`;
    case 'FLAGS':
      return `FLAGS (${flags.join(' ')})`;
    case 'RFC822.SIZE':
      return `RFC822.SIZE ${String(bytes)}`;
    case 'INTERNALDATE':
      return `INTERNALDATE "${internalDate(atMs)}"`;
    default:
      throw new Refusal('BAD', `FETCH ${item} is not known here`);
  }
}

/** `date-time` of RFC 9051 section 9, in UTC. */
function internalDate(atMs: number): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(atMs).toUTCString()) ?? [];
  return `${day}-${month}-${year} ${time} +0000`;
}
