import { describe, expect, it } from 'vitest';
import { Column, HashColumn, Names } from '../../../src/history/columns.js';
import { FirstOf, Notes } from '../../../src/history/notes.js';
import { sha256 } from '../../support/good-history.js';

describe('Column', () => {
  it('is 0 or NaN where nothing was set, beyond its end as well', () => {
    for (const column of [Column.byte(), Column.short(), Column.word()]) {
      expect([column.get(0), column.get(100_000)]).toEqual([0, 0]);
      column.set(5, 1);
      expect([column.get(4), column.get(5), column.get(20_000)]).toEqual([0, 1, 0]);
    }
    const time = Column.time();
    expect(time.get(0)).toBeNaN();
    time.set(1, -2.5);
    expect([time.get(0), time.get(1), time.get(99_999)]).toEqual([Number.NaN, -2.5, Number.NaN]);
  });

  it('keeps what is set on both sides of a chunk, in any order', () => {
    const column = Column.word();
    for (const row of [50_000, 16_384, 16_383, 0]) column.set(row, row + 1);
    expect([0, 16_383, 16_384, 50_000, 1].map((row) => column.get(row))).toEqual([
      1, 16_384, 16_385, 50_001, 0,
    ]);
  });

  it('stays at the greatest value that it can hold', () => {
    for (const [column, max] of [
      [Column.byte(), 255],
      [Column.short(), 65_535],
      [Column.word(), 4_294_967_295],
    ] as const) {
      column.set(0, max - 1);
      column.bump(0);
      expect(column.get(0)).toBe(max);
      column.bump(0);
      expect(column.get(0)).toBe(max);
      column.set(1, max + 7);
      expect(column.get(1)).toBe(max);
    }
    const time = Column.time();
    time.set(0, 1e15 + 0.5);
    expect(time.get(0)).toBe(1e15 + 0.5);
  });
});

describe('HashColumn', () => {
  it('knows a hash by its text, whatever the case, and nothing else', () => {
    const hashes = new HashColumn();
    const [one, other] = [sha256('one'), sha256('other')];
    hashes.set(0, one);
    hashes.set(20_000, other);
    expect([hashes.equals(0, one), hashes.equals(0, one.toUpperCase()), hashes.equals(0, other)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([hashes.equals(20_000, other), hashes.equals(20_000, one), hashes.equals(19_999, other)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(hashes.equals(99_999, one)).toBe(false);
    // One digit less than equal, at either end.
    expect(hashes.equals(0, `${one.slice(0, 63)}${one.endsWith('0') ? '1' : '0'}`)).toBe(false);
    expect(hashes.equals(0, `${one.startsWith('0') ? '1' : '0'}${one.slice(1)}`)).toBe(false);
  });

  it('takes texts that are no hashes for what they are', () => {
    const hashes = new HashColumn();
    hashes.set(0, 'not a hash');
    expect([hashes.equals(0, 'not a hash'), hashes.equals(0, 'not a hash!')]).toEqual([true, false]);
    const almost = `${'a'.repeat(60)}zzzz`;
    hashes.set(1, almost);
    expect([hashes.equals(1, almost), hashes.equals(1, `${'a'.repeat(60)}yyyy`)]).toEqual([true, false]);
    const longer = sha256('x');
    hashes.set(3, `${longer}0`);
    expect([hashes.equals(3, `${longer}0`), hashes.equals(3, longer)]).toEqual([true, false]);
    hashes.set(2, sha256('x').slice(2));
    expect(hashes.equals(2, sha256('x'))).toBe(false);
  });
});

describe('Names', () => {
  it('gives each text one number', () => {
    const names = new Names();
    expect([names.intern('a'), names.intern('b'), names.intern('a'), names.size]).toEqual([0, 1, 0, 2]);
    expect([names.find('b'), names.find('c'), names.text(1)]).toEqual([1, undefined, 'b']);
    expect(() => names.text(2)).toThrow(new RangeError('no text has the number 2'));
  });
});

describe('bounded evidence', () => {
  it('keeps eight notes about each of two hundred subjects, each text once', () => {
    const notes = new Notes<number>();
    for (let n = 0; n < 20; n += 1) notes.add(1, n, `text ${n >> 1}`);
    expect(notes.of(1).map(({ text }) => text)).toEqual(Array.from({ length: 8 }, (_, n) => `text ${n}`));
    expect(notes.of(1)[1]?.at).toBe(2);
    for (let subject = 2; subject < 300; subject += 1) notes.add(subject, 1, 'x');
    expect([notes.of(200).length, notes.of(201).length]).toEqual([1, 0]);
    notes.add(200, 2, 'y');
    expect(notes.of(200)).toHaveLength(2);
  });

  it('keeps the first of a list and counts all', () => {
    const list = new FirstOf<number>();
    for (let n = 0; n < 250; n += 1) list.add(n);
    expect([list.items.length, list.items.at(-1), list.total]).toEqual([200, 199, 250]);
  });
});
