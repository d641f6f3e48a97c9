import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../../src/errors/errors.js';
import { mountPoints } from '../../../../src/stack/docker/mount-table.js';
import {
  folderOfEngine,
  isNotShared,
  notShared,
  sharedFolder,
} from '../../../../src/stack/docker/shared-folder.js';

describe('the shared folder', () => {
  it.each([
    [undefined, '/var/lib/nobounce'],
    ['', '/var/lib/nobounce'],
    ['/mnt/ours', '/mnt/ours'],
    [' /a.b/c..d ', '/a.b/c..d'],
  ])('by NOBOUNCE_SHARED_FOLDER=%s: %s', (named, expected) => {
    expect(sharedFolder({ NOBOUNCE_SHARED_FOLDER: named })).toBe(expected);
  });

  it.each(['ours', './ours', '/', '/ours/', '/a:b', '/a/../b', '/.'])(
    'cannot be %s: the engine would bind something else, or nothing',
    (named) => {
      expect(() => sharedFolder({ NOBOUNCE_SHARED_FOLDER: named })).toThrow(NobounceError);
    },
  );

  it('has a folder for each engine, which stands in a bind as it is', () => {
    const [one, other] = ['GJ2Q:RRDN:L7B6:F6TR', '3f0e9c62-1c1b-4b0e-9d3c-0a8d1f0b7a55'].map(folderOfEngine);
    expect([one, other]).toEqual(['engine-gj2qrrdnl7b6', 'engine-3f0e9c621c1b']);
    expect(folderOfEngine('')).toBe('engine-unnamed');
  });

  it('that is not shared ends a run as a fault of the environment that says what to do', () => {
    const refusal = new Error('path /d is mounted on / but it is not a shared mount');
    expect(isNotShared(new Error('the service mounts does not start', { cause: refusal }))).toBe(true);
    expect(isNotShared(new Error('path /d is mounted on / but it is not a shared or slave mount'))).toBe(
      true,
    );
    expect(isNotShared(new Error('no such image'))).toBe(false);
    const error = notShared('/d', refusal);
    expect(error.exitCode).toBe(4);
    expect(error.advice).toContain('mount --make-shared /d');
  });
});

describe('a mount table', () => {
  it('names the mount points, whatever optional fields a line has', () => {
    const table = [
      '448 431 254:0 /var/lib/nobounce/r1 /srv/mail rw,relatime master:9 - ext4 /dev/vda rw',
      '345 448 0:172 / /srv/mail/gold rw,relatime - fuse.glusterfs glusterfs rw,user_id=0',
      '',
    ].join('\n');
    expect([...mountPoints(table)]).toEqual(['/srv/mail', '/srv/mail/gold']);
  });
});
