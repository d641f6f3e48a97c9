import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestMessage, MessageDigester } from '../../../src/traffic/digest.js';

const HEADERS = [
  'From: <c1@outside.test>',
  'To: <u1@libero.test>',
  'Subject: Minutes [run1-i000001]',
  'Date: Mon, 23 Nov 2026 22:57:31 +0000',
  'Message-ID: <run1-i000001@nobounce.invalid>',
  'X-Nobounce-Id: run1-i000001',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="=_run1-i000001"',
] as const;

const line = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', '.', ' ', '-', '=', ':', '\u00e9'),
  maxLength: 40,
});
/** Lines that end with one that is not empty: what follows it is canonicalised away. */
const body = fc.tuple(
  fc.array(line, { maxLength: 12 }),
  fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('x', '.') }),
);

function message(headers: readonly string[], lines: readonly string[], lineEnd = '\r\n'): Buffer {
  return Buffer.from([...headers, '', ...lines, ''].join(lineEnd), 'latin1');
}

function bodies(check: (lines: readonly string[]) => void): void {
  fc.assert(
    fc.property(body, ([lines, last]) => {
      check([...lines, last]);
    }),
  );
}

describe('two copies of one content have one digest', () => {
  it('with empty lines at the end, with none, and without the last line end (RFC 6376 section 3.4.3)', () => {
    fc.assert(
      fc.property(body, fc.nat(5), ([lines, last], more) => {
        const raw = message(HEADERS, [...lines, last]);
        const longer = Buffer.concat([raw, Buffer.from('\r\n'.repeat(more))]);
        expect(digestMessage(longer)).toEqual(digestMessage(raw));
        expect(digestMessage(raw.subarray(0, -2))).toEqual(digestMessage(raw));
      }),
    );
  });

  it('when a hop has folded a header (RFC 5322 section 2.2.3)', () => {
    fc.assert(
      fc.property(fc.nat(HEADERS.length - 1), fc.constantFrom(' ', '\t', '   '), (which, indent) => {
        const folded = HEADERS.map((header, at) =>
          at === which ? header.replace(/: /, `:\r\n${indent}`) : header,
        );
        expect(digestMessage(message(folded, ['body']))).toEqual(digestMessage(message(HEADERS, ['body'])));
      }),
    );
  });

  it('when hops have added their traces above, and the store its own headers', () => {
    const traced = [
      'Return-Path: <c1+run1-i000001@outside.test>',
      'Delivered-To: u1@libero.test',
      'Received: from mta (unknown [192.168.64.6])\r\n\tby store with LMTP\r\n\tid abc; Mon, 23 Nov 2026 22:57:31 +0000',
      ...HEADERS,
      'Status: RO',
    ];
    expect(digestMessage(message(traced, ['body']))).toEqual(digestMessage(message(HEADERS, ['body'])));
  });

  it('when the case of header names differs', () => {
    const loud = HEADERS.map((header) => header.replace(/^[^:]+/, (name) => name.toUpperCase()));
    expect(digestMessage(message(loud, ['body']))).toEqual(digestMessage(message(HEADERS, ['body'])));
  });
});

describe('what was changed has another digest', () => {
  it('when one byte of the body flipped, whichever and however', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), ([lines, last], where, flip) => {
        const raw = message(HEADERS, [...lines, last]);
        const start = raw.indexOf('\r\n\r\n') + 4;
        const at = start + (where % (raw.length - 2 - start));
        const changed = Buffer.from(raw);
        changed[at] = (raw[at] ?? 0) ^ flip;
        // Line ends are canonical: a byte that is one, or becomes one, is another matter.
        fc.pre(![10, 13].includes(raw[at] ?? 0) && ![10, 13].includes(changed[at] ?? 0));
        expect(digestMessage(changed).bodySha256).not.toBe(digestMessage(raw).bodySha256);
      }),
    );
  });

  it('when a line is missing, doubled or cut', () => {
    bodies((lines) => {
      const whole = digestMessage(message(HEADERS, lines)).bodySha256;
      const last = lines.at(-1) ?? '';
      expect(digestMessage(message(HEADERS, [...lines, last])).bodySha256).not.toBe(whole);
      expect(digestMessage(message(HEADERS, [...lines.slice(0, -1), last.slice(1)])).bodySha256).not.toBe(
        whole,
      );
    });
  });

  it('when a dot was not taken away again (RFC 5321 section 4.5.2)', () => {
    const sent = digestMessage(message(HEADERS, ['.a line', 'end']));
    expect(digestMessage(message(HEADERS, ['..a line', 'end'])).bodySha256).not.toBe(sent.bodySha256);
  });

  it('when a header that was sent is lost, doubled or changed; the body is the same', () => {
    fc.assert(
      fc.property(fc.nat(HEADERS.length - 1), fc.constantFrom('lose', 'double', 'change'), (which, how) => {
        const changed = HEADERS.flatMap((header, at) => {
          if (at !== which) return [header];
          return { lose: [], double: [header, header], change: [`${header}x`] }[how];
        });
        const before = digestMessage(message(HEADERS, ['body']));
        const after = digestMessage(message(changed, ['body']));
        expect(after.headersSha256).not.toBe(before.headersSha256);
        expect(after.bodySha256).toBe(before.bodySha256);
      }),
    );
  });
});

describe('a digest', () => {
  it('has the id and the size of the body', () => {
    const digest = digestMessage(message(HEADERS, ['body']));
    expect(digest).toMatchObject({ id: 'run1-i000001', bytes: 'body\r\n'.length });
  });

  it('has no id where the message carries none', () => {
    expect(digestMessage(message(['Subject: x'], ['X-Nobounce-Id: in-the-body'])).id).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\r\n'],
    ['headers alone', 'Subject: x'],
    ['a body alone', '\r\nbody\r\n'],
    ['no header', 'this is no header\r\n\r\nbody'],
  ])('is made of %s as well', (_, raw) => {
    expect(digestMessage(Buffer.from(raw)).bodySha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(digestMessage(Buffer.from(bytes)).bytes).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a line feed without its carriage return', () => {
  const whole = message(HEADERS, ['one', 'two']);

  it('is another body', () => {
    const bare = Buffer.from(whole.toString('latin1').replace('one\r\n', 'one\n'), 'latin1');
    expect(digestMessage(bare)).toMatchObject({
      bytes: digestMessage(whole).bytes - 1,
      headersSha256: digestMessage(whole).headersSha256,
    });
    expect(digestMessage(bare).bodySha256).not.toBe(digestMessage(whole).bodySha256);
  });

  it('is another body also at its end, and where all lines have it', () => {
    const bodyOf = (raw: Buffer) => digestMessage(raw).bodySha256;
    const all = message(HEADERS, ['one', 'two'], '\n');
    expect(bodyOf(all)).not.toBe(bodyOf(whole));
    expect(bodyOf(Buffer.concat([whole.subarray(0, -2), Buffer.from('\n')]))).not.toBe(bodyOf(whole));
  });

  it('is another header, with the same id', () => {
    for (const name of HEADERS.map((header) => header.slice(0, 12))) {
      const text = whole.toString('latin1');
      const end = text.indexOf('\r\n', text.indexOf(name));
      const bare = digestMessage(Buffer.from(`${text.slice(0, end)}\n${text.slice(end + 2)}`, 'latin1'));
      expect(bare.headersSha256).not.toBe(digestMessage(whole).headersSha256);
      expect(bare).toMatchObject({ id: 'run1-i000001', bodySha256: digestMessage(whole).bodySha256 });
    }
  });
});

describe('what is left of a damaged message', () => {
  const idOf = (...lines: readonly string[]) => digestMessage(Buffer.from(lines.join('\r\n'))).id;

  it.each([
    ['its Message-ID', 'Subject: x', 'Message-ID: <run1-i000001@nobounce.invalid>', '', 'x'],
    ['its boundary', 'Content-Type: multipart/mixed; boundary="=_run1-i000001"', '', 'x'],
    ['the address of its sender', 'Return-Path: <c1+run1-i000001@outside.test>', '', ''],
    ['its first part', '--=_run1-i000001', 'Content-Type: text/plain', '', 'This is message'],
    ['its body', '', '--=_run1-i000001', 'Content-Type: text/plain'],
    ['its end', 'aGVsbG8=', '--=_run1-i000001--', ''],
  ])('is known by %s', (_, ...lines) => {
    expect(idOf(...lines)).toBe('run1-i000001');
  });

  it('is known by the address of its recipient outside', () => {
    expect(idOf('To: <friend+run1-o000001@outside.test>', '', '')).toBe('run1-o000001');
  });

  it.each([
    [
      'quotes it',
      'Message-ID: <1@elsewhere.test>',
      'In-Reply-To: <run1-i000001@nobounce.invalid>',
      '',
      '--=_run1-i000001',
    ],
    ['answers it', 'To: <c1+run1-i000001@outside.test>', '', 'I am away'],
    ['contains it', 'Subject: x', '', '--=_run1-i000001'],
  ])('is not what %s', (_, ...lines) => {
    expect(idOf(...lines)).toBeNull();
  });
});

describe('a message that comes in pieces', () => {
  const letters = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    '\n\n',
    'a',
    'X-Nobounce-Id: r-i000001',
    ': ',
    '.',
  );
  const raw = fc.array(letters, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));

  it('has the digest of the whole, wherever it was cut', () => {
    fc.assert(
      fc.property(raw, fc.array(fc.nat(5), { maxLength: 200 }), (whole, lengths) => {
        const digester = new MessageDigester();
        let at = 0;
        for (const length of lengths) {
          digester.push(whole.subarray(at, at + length));
          at += length;
        }
        expect(digester.push(whole.subarray(at)).end()).toEqual(digestMessage(whole));
      }),
    );
  });

  it('has the digest of the whole beyond the size of a step, with line ends on every boundary', () => {
    for (const shift of [0, 1, 2, 3]) {
      const lines = 'x'.repeat(shift) + 'ab\r\n'.repeat(60_000);
      const whole = message(HEADERS, [lines, 'end']);
      const pieces = new MessageDigester();
      for (let at = 0; at < whole.length; at += 1_001) pieces.push(whole.subarray(at, at + 1_001));
      expect(pieces.end()).toEqual(digestMessage(whole));
      expect(digestMessage(whole).bytes).toBe(lines.length + '\r\nend\r\n'.length);
    }
  });
});
