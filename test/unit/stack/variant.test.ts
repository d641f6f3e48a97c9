import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyStackTo } from '../../../src/cli/copy-stack.js';
import { NobounceError } from '../../../src/errors/errors.js';
import { loadStack, type StackDefinition } from '../../../src/stack/definition.js';
import { variantOf } from '../../../src/stack/variant.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-variant-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function write(name: string, ...lines: readonly string[]): Promise<string> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(
    join(dir, name, 'stack.yaml'),
    [`name: ${name}`, `title: ${name}`, ...lines, ''].join('\n'),
  );
  return join(dir, name);
}

function load(stack: string): Extract<StackDefinition, { driver: 'docker' }> {
  const loaded = loadStack(stack, 'stacks');
  if (loaded.driver !== 'docker') throw new Error('no stack of containers');
  return loaded;
}

function refusal(stack: string): string {
  try {
    loadStack(stack, 'stacks');
  } catch (error) {
    if (error instanceof NobounceError && error.kind === 'usage') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('what a variant writes over its parent', () => {
  const deviation = (setting: string, here: string) => ({
    service: 'mta',
    setting,
    stock: '',
    here,
    why: 'x',
  });

  it('is merged key by key; null takes a key away, and a list takes the place of a list', () => {
    const parent = { a: { b: 1, c: { d: 2, e: 3 } }, list: [1, 2], gone: { x: 1 } };
    expect(variantOf(parent, { a: { c: { d: 4 }, f: 5 }, list: [3], gone: null }).whole).toEqual({
      a: { b: 1, c: { d: 4, e: 3 }, f: 5 },
      list: [3],
      deviations: [],
    });
  });

  it('adds deviations behind those of the parent, and takes the place of one of the same setting', () => {
    const { whole, inheritedDeviations } = variantOf(
      { deviations: [deviation('kept', '1'), deviation('changed', '1')] },
      { deviations: [deviation('changed', '2'), deviation('new', '1')] },
    );
    expect(whole).toEqual({
      deviations: [deviation('kept', '1'), deviation('changed', '2'), deviation('new', '1')],
    });
    expect(inheritedDeviations).toBe(1);
  });

  it('has a name and a title of its own', () => {
    expect(variantOf({ name: 'parent', title: 'Parent', driver: 'docker' }, {}).whole).toEqual({
      driver: 'docker',
      deviations: [],
    });
  });
});

describe('a variant of a stack', () => {
  it('that comes with nobounce is all of it but what differs, and builds what it builds', async () => {
    const mine = load(
      await write(
        'mine',
        'extends: postfix-dovecot',
        'services: { store: { environment: { COLOUR: blue } }, mta: { capabilities: [CHOWN] } }',
      ),
    );
    const stock = load('postfix-dovecot');
    expect(mine).toEqual({
      ...stock,
      name: 'mine',
      title: 'mine',
      extends: 'postfix-dovecot',
      dir: join(dir, 'mine'),
      services: {
        store: {
          ...stock.services['store'],
          environment: { ...stock.services['store']?.environment, COLOUR: 'blue' },
        },
        mta: { ...stock.services['mta'], capabilities: ['CHOWN'] },
      },
    });
  });

  it('beside it builds from its own folder what it gives a context of its own', async () => {
    await cp('stacks/postfix-dovecot', join(dir, 'base'), { recursive: true });
    const path = await write(
      'mine',
      'extends: ../base',
      'services: { mta: { build: { context: image, dockerfile: Dockerfile } } }',
    );
    await mkdir(join(path, 'image'));
    await writeFile(join(path, 'image', 'Dockerfile'), 'FROM scratch\n');
    const { services } = load(path);
    expect(services['mta']?.build).toMatchObject({ context: join(path, 'image'), dockerfile: 'Dockerfile' });
    expect(services['store']?.build.context).toBe(join(dir, 'base'));
  });

  it('of a variant is one of both', async () => {
    const { services, volumes } = load(
      await write('mine', 'extends: postfix-dovecot-hardened', 'volumes: { failoverSeconds: 9 }'),
    );
    expect(volumes).toMatchObject({ mountPoint: 'protected', failoverSeconds: 9 });
    expect(services['mta']?.environment).toEqual({
      NOBOUNCE_DELIVERY: 'lmtp',
      NOBOUNCE_TRANSPORT: 'per-volume',
    });
    expect(services['mta']?.build.context).toBe(resolve('stacks/postfix-dovecot'));
  });

  it('of the embedded stack has its plugin', async () => {
    const mine = loadStack(await write('mine', 'extends: embedded', 'maxMessageBytes: 1000'), 'stacks');
    expect(mine).toMatchObject({ driver: 'embedded', maxMessageBytes: 1_000 });
    expect(mine.driver === 'embedded' && mine.mta.plugin).toBe(resolve('stacks/embedded/mta/nobounce.js'));
  });
});

describe('what cannot be extended is told in one line, with its place', () => {
  it.each([
    [
      'extends: postfix-dovecott',
      /mine\/stack\.yaml:3:10: there is no stack "postfix-dovecott" to extend, did you mean "postfix-dovecot"\?$/,
    ],
    [
      'extends: ../nowhere',
      /:3:10: there is no stack "..\/nowhere" to extend \(looked for .*nowhere\/stack\.yaml\): a path leads from the folder of this file/,
    ],
    ['extends: 5', /:3:10: expected the name of a stack that comes with nobounce, or a path/],
    ['extends: .', /:3:10: a stack cannot extend itself: mine → mine; take one `extends` of these out$/],
    [
      'extends: postfix-dovecot\ndriver: embedded',
      /:4:9: a variant runs on the driver of the stack that it extends: docker$/,
    ],
  ])('%s', async (written, expected) => {
    const told = refusal(await write('mine', written));
    expect(told).toMatch(expected);
    expect(told.split('\n')).toHaveLength(1);
  });

  it('a circle of two', async () => {
    await write('a', 'extends: ../b');
    await write('b', 'extends: ../a');
    expect(refusal(join(dir, 'a'))).toMatch(/b\/stack\.yaml:3:10: a stack cannot extend itself: a → b → a;/);
  });

  it('a folder outside, also behind a link', async () => {
    await cp('stacks/postfix-dovecot', join(dir, 'far'), { recursive: true });
    await mkdir(join(dir, 'drills'));
    await symlink(join(dir, 'far'), join(dir, 'drills', 'near'));
    for (const named of ['../../far', '../near']) {
      const path = await write(join('drills', 'mine'), `extends: ${named}`);
      expect(refusal(path)).toMatch(
        /:3:10: the stack "\S+" lies outside the folder that holds this one: copy it/,
      );
    }
  });
});

describe('a mistake', () => {
  it('of a variant is told in its own file, also behind the deviations of its parent', async () => {
    const path = await write(
      'mine',
      'extends: postfix-dovecot',
      'deviations:',
      '  - { service: mta, setting: a, stock: b, here: c, why: d }',
      '  - { service: mta, setting: a2, stock: b, here: 7, why: d }',
    );
    expect(refusal(path)).toMatch(/mine\/stack\.yaml:6:50: expected text, got a number$/);
    const ports = await write(
      'ports',
      'extends: postfix-dovecot',
      'services: { mta: { ports: { mx: null } } }',
    );
    expect(refusal(ports)).toMatch(/ports\/stack\.yaml:4:27: a service of the role mta needs the port mx$/);
  });

  it('of a parent is told in the parent', async () => {
    await write('base', 'driver: docker');
    expect(refusal(await write('mine', 'extends: ../base'))).toMatch(/base\/stack\.yaml:1:1: /);
  });
});

describe('the copy of a variant', () => {
  it('says all itself, and is the same stack', async () => {
    const into = join(dir, 'copy');
    expect(await copyStackTo(load('postfix-dovecot-hardened'), into, false)).toEqual(['postfix-dovecot']);
    const text = await readFile(join(into, 'stack.yaml'), 'utf8');
    expect(text).not.toMatch(/^extends/m);
    expect(text).toContain('context: ./postfix-dovecot');
    const original = load('postfix-dovecot-hardened');
    const moved = JSON.stringify({ ...original, extends: undefined, dir: into }).replaceAll(
      resolve('stacks/postfix-dovecot'),
      join(into, 'postfix-dovecot'),
    );
    expect(load(into)).toEqual(JSON.parse(moved));
  });

  it('of the embedded stack has its plugin', async () => {
    const into = join(dir, 'copy');
    const variant = loadStack(await write('mine', 'extends: embedded'), 'stacks');
    expect(await copyStackTo(variant, into, false)).toEqual(['nobounce.js']);
    expect(loadStack(into, 'stacks')).toMatchObject({ mta: { plugin: join(into, 'nobounce.js') } });
  });
});
