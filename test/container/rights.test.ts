import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listStacks, loadStack } from '../../src/stack/definition.js';
import { HAS_DOCKER, nobounce, runOf } from './drill.js';

const rights = z
  .array(
    z.object({
      Name: z.string(),
      HostConfig: z.object({
        Privileged: z.boolean(),
        CapAdd: z.array(z.string()).nullable(),
        CapDrop: z.array(z.string()).nullable(),
        Devices: z.array(z.object({ PathOnHost: z.string() })).nullable(),
        SecurityOpt: z.array(z.string()).nullable(),
        Binds: z.array(z.string()).nullable(),
        PidMode: z.string(),
        UsernsMode: z.string(),
      }),
    }),
  )
  .transform((all) =>
    all.map(({ Name, HostConfig }) => ({ name: Name.replace(/^\/nobounce-[^-]+-/, ''), ...HostConfig })),
  );

type Rights = z.output<typeof rights>[number];

function docker(...args: readonly string[]): string {
  return execFileSync('docker', [...args], { encoding: 'utf8' });
}

/** What of a run's containers is in no mail image: the means to mount, and what the harness controls and feels with. */
const NOT_THEIRS = ['glusterfs', 'fusermount', 'mounts-ctl', 'store-ctl', 'storage-probe'];

function toolsIn(container: string): string {
  return docker(
    'exec',
    container,
    'sh',
    '-c',
    `for t in ${NOT_THEIRS.join(' ')}; do command -v $t || true; done`,
  );
}

interface Seen {
  readonly containers: readonly Rights[];
  readonly tools: string;
}

/** Every container of a run while mail flows, and what the mail containers could run. */
function look(run: string): Seen {
  const ids = docker('ps', '-q', '--filter', `label=org.nobounce.run=${run}`).split('\n').filter(Boolean);
  return {
    containers: rights.parse(JSON.parse(docker('inspect', ...ids))),
    tools: ['store', 'mta'].map((service) => toolsIn(`nobounce-${run}-${service}`)).join(''),
  };
}

/** Starts a stack, looks at it when mail flows, and ends it. */
async function seenOf(stack: string): Promise<Seen> {
  const reports = await mkdtemp(join(tmpdir(), 'nobounce-reports-'));
  let seen: Seen | undefined;
  const { output } = await nobounce(
    ['run', 'vendor-os-bug', '--stack', stack, '--report-dir', reports],
    (text, kill) => {
      if (seen !== undefined || !text.includes('steady')) return;
      seen = look(runOf(join(reports, 'vendor-os-bug')));
      kill('SIGINT');
    },
  );
  if (seen === undefined) throw new Error(`it came to no steady phase:\n${output}`);
  return seen;
}

const names = (capabilities: readonly string[] | null): readonly string[] =>
  (capabilities ?? []).map((each) => each.replace(/^CAP_/, '')).sort();

const FILES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'];
const USERS = ['KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'];
/** What each container may do beyond what any process may: what its own software needs, and why it does. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  // Dovecot changes to its users, and jails its login processes.
  store: [...FILES, ...USERS, 'SYS_CHROOT'],
  // Postfix changes to its users, and each user's own to deliver as.
  mta: [...FILES, ...USERS],
  // GlusterFS keeps its own attributes in the trusted namespace.
  array: [...FILES, 'SYS_ADMIN'],
  mounts: [...FILES, 'SYS_ADMIN'],
  toxiproxy: [],
  outside: [],
  lease: [],
};

describe
  .skipIf(!HAS_DOCKER)
  .each(listStacks('stacks').filter((name) => loadStack(name, 'stacks').driver === 'docker'))(
  'the containers of %s',
  (stack) => {
    it('have what their own software needs, and the mail containers nothing that mounts', async () => {
      const { containers, tools } = await seenOf(stack);
      expect(containers.map(({ name }) => name).sort()).toEqual(
        ['array-gold', 'array-silver', 'lease', 'mounts', 'mta', 'outside', 'store', 'toxiproxy'].sort(),
      );
      for (const { name, ...has } of containers) {
        const isMounts = name === 'mounts';
        expect({ name, has: names(has.CapAdd) }).toEqual({
          name,
          has: [...(NEEDS[name.replace(/^array-.*/, 'array')] ?? [])].sort(),
        });
        expect(has.Privileged).toBe(false);
        expect(has.CapDrop).toEqual(['ALL']);
        expect(has.PidMode).toBe('');
        expect(has.UsernsMode).toBe('');
        expect((has.Devices ?? []).map(({ PathOnHost }) => PathOnHost)).toEqual(
          isMounts ? ['/dev/fuse'] : [],
        );
        expect(has.SecurityOpt).toEqual([...(isMounts ? ['apparmor=unconfined'] : []), 'no-new-privileges']);
        for (const bind of has.Binds ?? [])
          expect(bind).toMatch(isMounts ? /:rshared$/ : /:\/srv\/mail:rslave$/);
      }
      expect(tools).toBe('');
    });
  },
);
