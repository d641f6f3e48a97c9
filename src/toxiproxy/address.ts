import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';

/** A TCP address as `host:port` is read by Go's net package; an empty host means every interface. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Thrown for a text that is no address; the message is the one of Go's net package. */
export class AddressError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AddressError';
  }
}

/**
 * Reads `host:port`, `:port` or `[v6]:port` (net.SplitHostPort and a numeric port). The empty text is
 * every interface and a port of the system's choice, as for net.Listen.
 * @throws {AddressError} for anything else; service names (`:http`) are not known here.
 */
export function parseAddress(text: string): Address {
  if (text === '') return { host: '', port: 0 };
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw new AddressError(`address ${text}: missing port in address`);
  let host = text.slice(0, colon);
  if (host.startsWith('[')) {
    const bracket = text.indexOf(']');
    if (bracket < 0) throw new AddressError(`address ${text}: missing ']' in address`);
    if (bracket + 1 === text.length) throw new AddressError(`address ${text}: missing port in address`);
    if (bracket + 1 !== colon) {
      const problem = text[bracket + 1] === ':' ? 'too many colons' : 'missing port';
      throw new AddressError(`address ${text}: ${problem} in address`);
    }
    host = host.slice(1, -1);
  } else if (host.includes(':')) {
    throw new AddressError(`address ${text}: too many colons in address`);
  }
  return { host, port: parsePort(text.slice(colon + 1)) };
}

function parsePort(text: string): number {
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw new AddressError(`lookup tcp/${text}: unknown port`);
  const port = Number(text);
  if (port < 0 || port > 65_535) throw new AddressError(`address ${text}: invalid port`);
  return port;
}

/** Writes an address as Go does: `127.0.0.1:80`, `[::1]:80`. */
export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/**
 * Replaces a host name by an IP address, IPv4 first, as Go's net.ResolveTCPAddr does.
 * @throws {AddressError} where the name is not known.
 */
export async function resolveAddress(address: Address): Promise<Address> {
  if (address.host === '' || isIP(address.host) !== 0) return address;
  try {
    const found = await lookup(address.host, { order: 'ipv4first' });
    return { host: found.address, port: address.port };
  } catch (error) {
    throw new AddressError(`lookup ${address.host}: no such host`, { cause: error });
  }
}

/** Whether a host stands for every interface, which Go always listens to as `[::]`. */
export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}
