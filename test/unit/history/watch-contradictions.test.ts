import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../src/history/event.js';
import { Mailboxes } from '../../../src/history/mailboxes.js';
import {
  loginContradiction,
  placeContradiction,
  sampleContradiction,
  visitContradiction,
} from '../../../src/history/watch-contradictions.js';

const stamp = { t: 1, wall: 1, sim: 1 };

type Visit = EventOf<'reader.visited'>;
type Step = Visit['steps'][number];
const step = (name: Step['step'], fields: Partial<Step> = {}): Step => ({
  step: name,
  outcome: 'ok',
  code: null,
  text: '',
  ms: 1,
  ...fields,
});
const visit = (steps: readonly Step[], fields: Partial<Visit> = {}): Visit => ({
  type: 'reader.visited',
  ...stamp,
  mailbox: 'u1@libero.test',
  volume: 'gold',
  steps: [...steps],
  exists: null,
  uidValidity: null,
  known: null,
  ...fields,
});
const SEEN = { exists: 3, uidValidity: '7', known: 'intact' } as const;
const GOOD = [step('login'), step('select'), step('fetch')];

describe('a visit is what its steps let it be', () => {
  it.each([
    visit(GOOD, SEEN),
    visit([step('connect'), ...GOOD], SEEN),
    visit(GOOD, { ...SEEN, exists: 0, known: 'missing' }),
    visit(GOOD, { ...SEEN, known: 'changed' }),
    visit([step('login'), step('select')], { exists: 0, uidValidity: '7' }),
    visit([step('login', { outcome: 'no', code: 'UNAVAILABLE' })]),
    visit([step('login'), step('select', { outcome: 'timeout' })]),
    visit([step('login'), step('select'), step('fetch', { outcome: 'no', code: 'SERVERBUG' })], {
      exists: 3,
      uidValidity: '7',
    }),
    // A greeting may carry any other code (RFC 3501 section 7.1).
    visit([step('login', { code: 'ALERT' })]),
  ])('%#: nothing speaks against it', (good) => {
    expect(visitContradiction(good)).toBeNull();
  });

  it.each([
    [visit([step('login', { code: 'AUTHENTICATIONFAILED' })]), 'login was ok against [AUTHENTICATIONFAILED]'],
    [visit([step('login', { code: 'UNAVAILABLE' })]), 'login was ok against [UNAVAILABLE]'],
    [
      visit([step('login', { outcome: 'no' }), step('select')]),
      'select was tried against login, which was no',
    ],
    [
      visit([step('connect', { outcome: 'closed' }), step('login')]),
      'login was tried against connect, which was closed',
    ],
    [visit([step('select'), step('login')]), 'login came behind select'],
    [visit([step('login'), step('login')]), 'login came behind login'],
    [visit([step('login')], { exists: 3 }), 'a mailbox was shown against a select that was not ok'],
    [visit([step('login')], { uidValidity: '7' }), 'a mailbox was shown against a select that was not ok'],
    [
      visit([step('login'), step('select', { outcome: 'no' })], { exists: 0 }),
      'a mailbox was shown against a select that was not ok',
    ],
    [
      visit([step('login'), step('select')], { exists: 3, known: 'missing' }),
      'a message was missing against a fetch that was not ok',
    ],
    [
      visit([step('login'), step('select'), step('fetch', { outcome: 'closed' })], { known: 'intact' }),
      'a message was intact against a fetch that was not ok',
    ],
    [visit(GOOD, { exists: 3, uidValidity: '7' }), 'a fetch was ok against no message'],
    [visit(GOOD, { ...SEEN, exists: 0 }), 'a message was intact against an empty mailbox'],
    [visit(GOOD, { ...SEEN, exists: 0, known: 'changed' }), 'a message was changed against an empty mailbox'],
  ])('%#: %s', (bad, text) => {
    expect(visitContradiction(bad)).toBe(text);
  });
});

type Login = EventOf<'login.tried'>;
const login = (fields: Partial<Login>): Login => ({
  type: 'login.tried',
  ...stamp,
  service: 'imap',
  mailbox: 'u1@libero.test',
  credentials: 'wrong',
  outcome: 'refused',
  code: null,
  text: '',
  ms: 1,
  ...fields,
});
const submission = (fields: Partial<Login>): Login => login({ service: 'submission', ...fields });

describe('a login is what its answer lets it be', () => {
  it.each([
    login({ code: 'AUTHENTICATIONFAILED', text: 'Authentication failed.' }),
    login({ text: 'Login failed: wrong password' }),
    login({ outcome: 'unavailable', code: 'UNAVAILABLE', text: 'Try later' }),
    login({ outcome: 'ok', text: 'logged in' }),
    login({ outcome: 'ok', code: 'ALERT', text: 'Maintenance tonight' }),
    login({ outcome: 'timeout' }),
    submission({ code: '535', text: '535 5.7.8 No' }),
    // Let in, and refused for another reason later on.
    submission({ outcome: 'ok', code: '550', text: '550 5.1.1 Unknown' }),
    submission({ outcome: 'unavailable', code: '454', text: '454 4.7.0 Later' }),
    submission({ outcome: 'unavailable', text: 'connect ECONNREFUSED' }),
  ])('%#: nothing speaks against it', (good) => {
    expect(loginContradiction(good)).toBeNull();
  });

  it.each([
    [login({ text: 'logged in' }), 'refused against logged in'],
    [login({}), 'refused against no reply'],
    [
      login({ outcome: 'ok', code: 'AUTHENTICATIONFAILED', text: 'No' }),
      'ok against AUTHENTICATIONFAILED No',
    ],
    [login({ outcome: 'timeout', code: 'UNAVAILABLE' }), 'no answer against UNAVAILABLE'],
    [submission({ outcome: 'ok', code: '535', text: 'No' }), 'ok against 535 No'],
    [submission({ code: '235', text: 'Ok' }), 'refused against 235 Ok'],
    [submission({ outcome: 'unavailable', code: '235', text: '' }), 'unavailable against 235'],
    [submission({ code: '454', text: 'Later' }), 'refused against 454 Later'],
    [submission({ code: null, text: '' }), 'refused against no reply'],
  ])('%#: %s', (bad, text) => {
    expect(loginContradiction(bad)).toBe(text);
  });
});

describe('a sample', () => {
  const sample = (outcome: 'ok' | 'error' | 'blocked', errno: string | null) =>
    sampleContradiction({
      type: 'probe.sampled',
      ...stamp,
      service: 'mounts',
      volume: 'gold',
      operation: 'write',
      outcome,
      errno,
      ms: 1,
    });

  it('has an errno where it failed, and nowhere else', () => {
    expect([sample('ok', null), sample('error', 'EIO'), sample('blocked', null)]).toEqual([null, null, null]);
    expect(sample('ok', 'EIO')).toBe('ok against EIO');
    expect(sample('blocked', 'EIO')).toBe('blocked against EIO');
    expect(sample('error', null)).toBe('an error against no errno');
  });
});

describe('a mailbox', () => {
  const mailboxes = new Mailboxes();
  mailboxes.add('u1@libero.test', 'gold');

  it('lies where the run said that it lies', () => {
    const place = (mailbox: string, volume?: string) =>
      placeContradiction(mailboxes, volume === undefined ? { mailbox } : { mailbox, volume });
    expect(place('u1@libero.test', 'gold')).toBeNull();
    expect(place('U1@libero.test')).toBeNull();
    expect(place('u1@libero.test', 'silver')).toBe('on silver against gold');
    expect(place('u2@libero.test', 'gold')).toBe('no mailbox of this run');
  });
});
