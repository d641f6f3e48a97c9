import { describe, expect, it } from 'vitest';
import { shortageError } from '../../../src/errors/shortage.js';

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

describe('what this machine ran out of', () => {
  it.each([
    ['file descriptors', withCode('connect EMFILE 127.0.0.1:25', 'EMFILE')],
    ['file descriptors of all', withCode('open', 'ENFILE')],
    ['ports', withCode('connect EADDRNOTAVAIL 127.0.0.1:25', 'EADDRNOTAVAIL')],
    [
      'file descriptors, as nodemailer tells it',
      withCode('connect EMFILE 127.0.0.1:25 - Local (undefined)', 'ESOCKET'),
    ],
    ['file descriptors, as a cause', new Error('the command failed', { cause: withCode('spawn', 'EMFILE') })],
    ['file descriptors, for each address', new AggregateError([withCode('connect EMFILE ::1:25', 'EMFILE')])],
  ])('%s', (_, error) => {
    expect(shortageError('a connection', error)).toMatchObject({ kind: 'harness', cause: error });
  });

  it.each([
    ['a server that refuses', withCode('connect ECONNREFUSED 127.0.0.1:25', 'ECONNREFUSED')],
    ['a server that is short of something itself', new Error('451 4.3.0 EMFILE: too many open files')],
    ['a server that says so as we would', new Error('451 connect EMFILE 127.0.0.1:24')],
    ['no error at all', 'connect EMFILE'],
  ])('and nothing where it is %s', (_, error) => {
    expect(shortageError('a connection', error)).toBeNull();
  });
});
