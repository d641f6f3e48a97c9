import { describe, expect, it } from 'vitest';
import { callsCredentialsWrong } from '../../../src/history/logins.js';
import { inTurn } from '../../../src/traffic/readers.js';

describe('an answer to a login', () => {
  it.each([
    ['AUTHENTICATIONFAILED', 'Authentication failed.'],
    ['535', '5.7.8 Error'],
    [null, 'Login failed'],
    [null, 'Login failed: authentication failure'],
    [null, 'LOGIN Invalid credentials'],
    [null, 'Invalid user name or password'],
    [null, 'bad username or password'],
    [null, 'LOGIN failed.'],
    [null, 'Authentication rejected'],
  ])('%s %s calls the credentials wrong', (code, text) => {
    expect(callsCredentialsWrong(code, text)).toBe(true);
  });

  it.each([
    ['UNAVAILABLE', 'Temporary authentication failure.'],
    ['SERVERBUG', 'Login failed'],
    ['INUSE', 'Mailbox is locked'],
    [null, 'Temporary authentication failure, try again later'],
    [null, 'Authentication failed: internal server error'],
    [null, 'Login failed: I/O error'],
    [null, 'System busy'],
    [null, ''],
  ])('%s %s does not', (code, text) => {
    expect(callsCredentialsWrong(code, text)).toBe(false);
  });
});

it('readers go from volume to volume', () => {
  const on = (volume: string, ...names: readonly string[]) => names.map((name) => ({ name, volume }));
  const accounts = [...on('gold', 'g1', 'g2', 'g3'), ...on('silver', 's1'), ...on('iron', 'i1', 'i2')];
  const turns = inTurn(accounts);
  const names = Array.from({ length: 10 }, () => turns.next().value?.name);
  expect(names).toEqual(['g1', 's1', 'i1', 'g2', 's1', 'i2', 'g3', 's1', 'i1', 'g1']);
  expect(inTurn([]).next().done).toBe(true);
});
