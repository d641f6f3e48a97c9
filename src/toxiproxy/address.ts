import { lookup } from 'node:dns/promises';
import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

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
 * IP addresses come out as Go writes them: short, and as IPv4 where they are IPv4 mapped into IPv6.
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
  return { host: readHost(host), port: parsePort(text.slice(colon + 1)) };
}

/** `127.1`, `0x7f.1`, `2130706433`: what inet_aton takes for an address of four bytes, which Go does not. */
const INET_ATON = /^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}$/i;
/** As isDomainName of Go's net package, but for the length of each label. */
const DOMAIN_NAME =
  /^(?=.{1,254}$)(?=.*[a-z_-])[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

function readHost(host: string): string {
  if (host === '' || isIPv4(host)) return host;
  if (isIPv6(host)) return shortestIpv6(host);
  if (INET_ATON.test(host) || !DOMAIN_NAME.test(host)) {
    throw new AddressError(`lookup ${host}: no such host`);
  }
  return host;
}

function shortestIpv6(host: string): string {
  const [address = host, zone] = host.split('%');
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = /^::ffff:([\d.]+)$/.exec(short)?.[1];
  if (mapped !== undefined) return mapped;
  return zone === undefined ? short : `${short}%${zone}`;
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
