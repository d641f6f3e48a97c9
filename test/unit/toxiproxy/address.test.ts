import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, resolveAddress } from '../../../src/toxiproxy/address.js';
import { shortestFloat32 } from '../../../src/toxiproxy/fields.js';

describe('addresses', () => {
  it.each([
    ['', { host: '', port: 0 }],
    [':80', { host: '', port: 80 }],
    ['localhost:', { host: 'localhost', port: 0 }],
    ['db.example:5432', { host: 'db.example', port: 5432 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['[fe80::1%eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
    ['[0:0:0:0:0:0:0:1]:1', { host: '::1', port: 1 }],
    ['[FE80::A]:1', { host: 'fe80::a', port: 1 }],
    ['[::ffff:127.0.0.1]:1', { host: '127.0.0.1', port: 1 }],
    ['[::FFFF:7f00:1]:1', { host: '127.0.0.1', port: 1 }],
    ['[::ffff:0.0.0.0]:1', { host: '0.0.0.0', port: 1 }],
    ['0x7f.example:1', { host: '0x7f.example', port: 1 }],
  ])('reads %j', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each<readonly [string, string]>([
    ['local373', 'address local373: missing port in address'],
    ['::1:80', 'address ::1:80: too many colons in address'],
    ['[::1', 'missing'],
    ['[::1]', 'address [::1]: missing port in address'],
    ['[::1]x:1', 'address [::1]x:1: missing port in address'],
    ['[::1]::1', 'address [::1]::1: too many colons in address'],
    ['a:65536', 'address 65536: invalid port'],
    ['a:-1', 'address -1: invalid port'],
    ...['127.1', '0x7f.1', '0', '2130706433', '127.0.0.01', '256.0.0.1', '1.2.3.4.5'].map(
      (host) => [`${host}:1`, `lookup ${host}: no such host`] as const,
    ),
    ...[' 127.0.0.1', '*', 'ä', 'a b', '-a', 'a..b', 'a-.b'].map(
      (host) => [`${host}:1`, `lookup ${host}: no such host`] as const,
    ),
    ['a:http', 'lookup tcp/http: unknown port'],
  ])('refuses %j', (text, message) => {
    expect(() => parseAddress(text)).toThrow(message);
  });

  it('writes what it reads', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
        fc.integer({ min: 0, max: 65_535 }),
        (host, port) => {
          // An IPv6 address has many spellings, of which one is written.
          const read = parseAddress(formatAddress({ host, port }));
          expect(isIP(host) === 6 || read.host === host).toBe(true);
          expect(read.port).toBe(port);
          expect(parseAddress(formatAddress(read))).toEqual(read);
        },
      ),
    );
  });

  it('resolves names to IPv4 where it can, and leaves addresses alone', async () => {
    expect(await resolveAddress({ host: 'localhost', port: 1 })).toEqual({ host: '127.0.0.1', port: 1 });
    expect(await resolveAddress({ host: '::1', port: 1 })).toEqual({ host: '::1', port: 1 });
    await expect(resolveAddress({ host: 'no.such.host.invalid', port: 1 })).rejects.toThrow('no such host');
  });
});

describe('shortestFloat32', () => {
  it('is the same 32-bit float, and no longer than needed', () => {
    expect(shortestFloat32(Math.fround(0.2))).toBe(0.2);
    expect(shortestFloat32(Math.fround(16_777_216))).toBe(16_777_216);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat32(value)) === value).toBe(true);
      }),
    );
  });
});
