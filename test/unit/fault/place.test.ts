import { describe, expect, it } from 'vitest';
import {
  keyOf,
  outsideMtaName,
  passes,
  placeOf,
  sparesNoVolume,
  titleOfPlace,
  type Place,
  type Way,
} from '../../../src/fault/place.js';

const PLACES: readonly (readonly [string, Place, string])[] = [
  ['gold', { kind: 'volume', volume: 'gold' }, 'gold'],
  ['mx', { kind: 'link', link: 'mx' }, 'the link to the MX'],
  ['queue:mta', { kind: 'queue', service: 'mta' }, 'the queue of mta'],
  ['service:store', { kind: 'service', service: 'store' }, 'store'],
];

describe('a place', () => {
  it.each(PLACES)('%s is written and read', (key, place, title) => {
    expect(keyOf(place)).toBe(key);
    expect(placeOf(key)).toEqual(place);
    expect(titleOfPlace(place)).toBe(title);
  });

  it('spares no volume unless it is one', () => {
    expect(PLACES.map(([, place]) => sparesNoVolume(place))).toEqual([false, true, true, true]);
  });
});

const WAYS: readonly Way[] = [
  { kind: 'inbound', volume: 'gold' },
  { kind: 'inbound', volume: 'silver' },
  { kind: 'internal', volume: 'gold' },
  { kind: 'outbound', volume: null },
  { kind: 'canary', volume: null },
];

describe('messages pass', () => {
  it.each<[string, readonly boolean[]]>([
    ['gold', [true, false, true, false, false]],
    ['mx', [true, true, false, false, false]],
    ['queue:mta', [true, true, true, true, true]],
    ['service:mta', [true, true, true, true, true]],
    ['service:store', [true, true, true, false, false]],
    [`queue:${outsideMtaName(2)}`, [true, true, false, false, false]],
    [`service:${outsideMtaName(1)}`, [true, true, false, false, false]],
  ])('%s', (key, expected) => {
    expect(WAYS.map((way) => passes(placeOf(key), way))).toEqual(expected);
  });
});
