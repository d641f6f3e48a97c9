import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS, eventSchema } from '../../../src/history/event.js';
import { isEvent, whyNoEvent } from '../../../src/history/validate.js';
import { goodHistory } from '../../support/good-history.js';

const good = goodHistory();
/** Values that are wrong in some way for most fields, and right for some. */
const odd = [
  null,
  undefined,
  '',
  'ok',
  -1,
  0,
  1.5,
  7,
  Number.NaN,
  Infinity,
  2 ** 60,
  [],
  {},
  [null],
  ['x'],
  true,
];

describe('isEvent', () => {
  it('takes every event of a good history', () => {
    expect(good.every(isEvent)).toBe(true);
  });

  it('says what zod says, whatever is wrong with any field', () => {
    for (const type of new Set(good.map((event) => event.type))) {
      const event = good.find((one) => one.type === type);
      if (event === undefined) continue;
      for (const key of [...Object.keys(event), 'extra']) {
        for (const value of odd) {
          const changed = { ...event, [key]: value };
          expect(isEvent(changed), `${type}.${key} = ${JSON.stringify(value)}`).toBe(
            eventSchema.safeParse(changed).success,
          );
        }
      }
    }
  });

  it('says what zod says of fields inside lists and objects', () => {
    const visit = good.find(({ type }) => type === 'reader.visited');
    const listed = good.find(({ type }) => type === 'mailbox.listed');
    const ready = good.find(({ type }) => type === 'stack.ready');
    const changed = odd.flatMap((value) => [
      { ...visit, steps: [{ step: 'login', outcome: 'ok', code: value, text: '', ms: 1 }] },
      { ...visit, steps: [{ step: value, outcome: 'ok', code: null, text: '', ms: 1 }] },
      { ...listed, messages: [{ uid: value, id: null, flags: [], bodySha256: '' }] },
      { ...listed, messages: [{ uid: 1, id: null, flags: [value], bodySha256: '' }, value] },
      { ...ready, services: [{ name: 'mta', image: '', versions: { postfix: value } }] },
    ]);
    for (const value of changed) {
      expect(isEvent(value), JSON.stringify(value)).toBe(eventSchema.safeParse(value).success);
    }
  });

  it('says what zod says of anything at all', () => {
    const types = EVENT_SCHEMAS.map((schema) => schema.shape.type.value);
    const anything = fc.oneof(fc.jsonValue(), fc.record({ type: fc.constantFrom(...types), t: fc.double() }));
    fc.assert(
      fc.property(anything, (value) => {
        expect(isEvent(value)).toBe(eventSchema.safeParse(value).success);
      }),
    );
  });

  it('says why, with the event and the field', () => {
    expect(whyNoEvent({ type: 'clock.advanced', t: 1, wall: 1, sim: 1, byMs: '1' })).toMatch(
      /^clock\.advanced: byMs: /,
    );
    const listed = { type: 'mailbox.listed', stage: 'after', mailbox: 'm', volume: 'v', uidValidity: '1' };
    const messages = [{ uid: 'one', id: null, flags: [], bodySha256: '' }];
    expect(whyNoEvent({ ...listed, t: 1, wall: 1, sim: 1, messages })).toMatch(
      /^mailbox\.listed: messages\.0\.uid: /,
    );
    expect(whyNoEvent({ type: 7 })).toMatch(/^type: /);
    expect(whyNoEvent(null)).toMatch(/^: /);
    expect(whyNoEvent(good[0])).toBe('it is an event');
  });
});
