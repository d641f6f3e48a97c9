import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { copyStackTo } from '../../../src/cli/copy-stack.js';
import { listStacks, loadStack, type StackDefinition } from '../../../src/stack/definition.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-stack-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function writeStack(name: string, yaml: string): Promise<string> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'stack.yaml'), yaml);
  return join(dir, name);
}

function refusal(stack: string, stacksDir = dir): NobounceError {
  try {
    loadStack(stack, stacksDir);
  } catch (error) {
    if (error instanceof NobounceError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

function docker(stack: StackDefinition): Extract<StackDefinition, { driver: 'docker' }> {
  if (stack.driver !== 'docker') throw new Error('no stack of containers');
  return stack;
}

describe('the stacks that come with nobounce', () => {
  it('are all valid, and named after their folders', () => {
    const names = listStacks('stacks');
    expect(names).toEqual(
      expect.arrayContaining(['postfix-dovecot', 'postfix-dovecot-hardened', 'postfix-virtual']),
    );
    for (const name of names) expect(loadStack(name, 'stacks')).toMatchObject({ name });
  });

  it('drop every right that they do not name, never ask for all, and mount nothing in a mail container', async () => {
    for (const name of listStacks('stacks')) {
      expect(await readFile(`stacks/${name}/stack.yaml`, 'utf8')).not.toMatch(/privileged|\bALL\b/);
      const stack = loadStack(name, 'stacks');
      if (stack.driver !== 'docker') continue;
      for (const { capabilities } of Object.values(stack.services))
        expect(capabilities).not.toContain('SYS_ADMIN');
    }
  });
});

describe('a stack', () => {
  it('is found by its path', async () => {
    const path = join(dir, 'mine');
    await cp('stacks/postfix-dovecot', path, { recursive: true });
    expect(loadStack(path, 'stacks')).toMatchObject({ driver: 'docker', dir: path });
  });

  it('that is not there: says which there are, and how to name a folder', async () => {
    await writeStack('one', '');
    await mkdir(join(dir, 'no-stack'));
    const missing = refusal('two');
    expect(missing.message).toContain('there is no stack "two"');
    expect(missing.advice).toBe('name one of: one; or a folder with a stack.yaml, such as ./my-stack');
    expect(refusal('../nowhere').kind).toBe('usage');
    expect(refusal('no-stack').kind).toBe('usage');
  });

  it.each<[string, string, readonly string[]]>([
    ['no YAML', 'name: [', [':1:8: Flow sequence in block collection']],
    ['nothing at all', '', [':1:1: expected a mapping of keys, got nothing']],
    [
      'an unknown driver',
      'name: x\ntitle: x\ndriver: kvm\n',
      [':3:9: "kvm" is not known here; known: docker, embedded'],
    ],
    ['no driver', 'name: x\ntitle: x\n', [':1:1: "driver" is missing']],
    ['no services', 'name: x\ntitle: x\ndriver: docker\ndeviations: []\n', [':1:1: "services" is missing']],
    ['a key twice', 'name: x\nname: y\n', [':2:1: the key "name" is there twice']],
  ])('with %s says what is wrong, and where', async (_, yaml, expected) => {
    const path = await writeStack('bad', yaml);
    const error = refusal(path);
    for (const part of expected) expect(error.message).toContain(`stack.yaml${part}`);
    expect(error.kind).toBe('usage');
  });
});

/** A stack of its author's own, a copy of the stock one with one mistake. */
async function mistaken(from: string, to: string): Promise<readonly string[]> {
  await cp('stacks/postfix-dovecot', join(dir, 'mine'), { recursive: true });
  const stock = await readFile('stacks/postfix-dovecot/stack.yaml', 'utf8');
  if (!stock.includes(from)) throw new Error(`the stack has no ${from}`);
  const path = await writeStack('mine', stock.replace(from, to));
  return refusal(path, 'stacks')
    .message.split('\n')
    .map((line) => line.replace(`${path}/`, ''));
}

describe('a mistake in a stack.yaml is told with its place, before anything is built', () => {
  it.each([
    [
      'an unknown role',
      'role: store',
      'role: stroe',
      /^stack\.yaml:\d+:11: "stroe" is not known here, did you mean "store"\?$/,
    ],
    [
      'an unknown key',
      'volumesAt: /srv/mail',
      'volumeAt: /srv/mail',
      /: unknown key "volumeAt", did you mean "volumesAt"\?$/,
    ],
    [
      'a place of the volumes that is none',
      'volumesAt: /srv/mail',
      'volumesAt: srv/mail',
      /: expected an absolute path such as \/srv\/mail$/,
    ],
    [
      'volumes that no service sees',
      '    volumesAt: /srv/mail\n',
      '',
      /: no service sees the volumes: what keeps mailboxes needs `volumesAt`$/,
    ],
    [
      'a mount point of no known kind',
      'mountPoint: writable',
      'mountPoint: open',
      /"open" is not known here/,
    ],
    ['an unknown port', 'ports: { imap: 143 }', 'ports: { imap: 143, pop: 110 }', /unknown key "pop"|"pop"/],
    ['a port that is none', 'imap: 143', 'imap: 99999', /: expected at most 65535$/],
    [
      'a needed port that is missing',
      'ports: { mx: 25, submission: 587 }',
      'ports: { mx: 25 }',
      /a service of the role mta needs the port submission$/,
    ],
    [
      'a context that is not there',
      'context: ., dockerfile: store',
      'context: ./stroe, dockerfile: store',
      /^stack\.yaml:\d+:23: \S+\/mine\/stroe is no folder: a context is a path from the folder of this file$/,
    ],
    [
      'a context elsewhere that is not there',
      'context: ., dockerfile: store',
      'context: ../stroe, dockerfile: store',
      /\/stroe is no folder/,
    ],
    [
      'a service that the test bed brings',
      'role: store',
      'role: array',
      /^stack\.yaml:\d+:11: "array" is not known here; known: store, mta$/,
    ],
    [
      'a Dockerfile that is not there',
      'dockerfile: mta/Dockerfile',
      'dockerfile: mta/Dockerfil',
      /there is no mta\/Dockerfil: a Dockerfile is a path from the context$/,
    ],
    [
      'all capabilities',
      '[CHOWN, DAC_OVERRIDE, FOWNER, SETUID, SETGID, KILL, SYS_CHROOT, NET_BIND_SERVICE]',
      '[ALL]',
      /name the capabilities that it needs/,
    ],
    [
      'a name of the test bed',
      '  store:\n',
      '  toxiproxy:\n',
      /^stack\.yaml:\d+:3: toxiproxy is the name of a container of the test bed$/,
    ],
    ['a name that is none', '  store:\n', '  My Store:\n', /My Store/],
  ])('%s', async (_, from, to, expected) => {
    const problems = await mistaken(from, to);
    expect(problems).toContainEqual(expect.stringMatching(expected));
  });

  it('a service beside those of the roles, which nobody would ever start', async () => {
    const store = '  store:\n    role: store\n';
    const second = `  store2:\n    role: store\n    build: { context: ., dockerfile: store/Dockerfile }\n    ports: { imap: 143 }\n    capabilities: []\n${store}`;
    expect(await mistaken(store, second)).toEqual([
      expect.stringMatching(
        /^stack\.yaml:\d+:11: store2 has the role store already, and store would never be started$/,
      ),
    ]);
  });

  it('a role that no service has', async () => {
    expect(await mistaken('    role: mta\n', '    role: store\n')).toEqual([
      expect.stringMatching(/^stack\.yaml:\d+:1: no service has the role mta: a stack has store, mta$/),
      expect.stringMatching(/store has the role store already, and mta would never be started$/),
      expect.stringMatching(/a service of the role store needs the port imap$/),
    ]);
  });
});

describe('a copied stack', () => {
  it('goes on using what a stack that comes with nobounce has of another one, wherever it lies', async () => {
    await cp('stacks/postfix-dovecot-hardened', join(dir, 'deep', 'down', 'mine'), { recursive: true });
    const { services } = docker(loadStack(join(dir, 'deep', 'down', 'mine'), 'stacks'));
    expect(services['store']?.build.context).toBe(resolve('stacks/postfix-dovecot'));
  });

  it.each(['postfix-virtual', 'postfix-dovecot-hardened', 'postfix-dovecot'])(
    'of %s holds all that it builds, and builds nothing of the original',
    async (name) => {
      const into = join(dir, 'copy');
      await copyStackTo(loadStack(name, 'stacks'), into, false);
      const { services } = docker(loadStack(into, 'stacks'));
      for (const service of ['store', 'mta'])
        expect(services[service]?.build.context.startsWith(into)).toBe(true);
      // A copy of the copy is whole by itself.
      expect(await copyStackTo(loadStack(into, 'stacks'), join(dir, 'again'), false)).toEqual([]);
      expect(docker(loadStack(join(dir, 'again'), 'stacks')).services['mta']?.build.context).toContain(
        join(dir, 'again'),
      );
    },
  );

  it('is refused where two folders of one name would lie in one', async () => {
    await mkdir(join(dir, 'copy', 'postfix-dovecot'), { recursive: true });
    await cp('stacks/postfix-virtual', join(dir, 'copy'), { recursive: true });
    await expect(
      copyStackTo(loadStack(join(dir, 'copy'), 'stacks'), join(dir, 'new'), false),
    ).rejects.toThrow('two folders called postfix-dovecot');
  });
});
