import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Tells requests that were meant for this server from those that a web page made a browser send: by DNS
 * rebinding a page can point a name of its own at this machine, but it cannot choose what the browser
 * writes into `Host`, which is that name. An address, `localhost`, a name without a dot (a container's, a
 * machine's) and the names this server goes by are no such names.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;

  /** @param names what the server is called, e.g. where it listens; `*` allows everything. */
  constructor(names: readonly string[]) {
    this.#names = new Set([hostname(), ...names].map((name) => bare(name)));
  }

  /** @param header the value of `Host`; none at all is no browser's. */
  allows(header: string | undefined): boolean {
    if (header === undefined || header === '' || this.#names.has('*')) return true;
    const host = bare(header.replace(/:\d*$/, ''));
    return (
      isIP(host.replace(/^\[|\]$/g, '')) !== 0 ||
      host.endsWith('.localhost') ||
      !host.includes('.') ||
      this.#names.has(host)
    );
  }
}

/** Names are the same in any case, and with a dot at their end. */
function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
