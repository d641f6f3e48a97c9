import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { listStacks, loadStack } from '../../../src/stack/definition.js';

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

function refusal(stack: string): NobounceError {
  try {
    loadStack(stack, dir);
  } catch (error) {
    if (error instanceof NobounceError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the stacks that come with nobounce', () => {
  it('are all valid, and named after their folders', () => {
    const names = listStacks('stacks');
    expect(names).toEqual(
      expect.arrayContaining(['postfix-dovecot', 'postfix-dovecot-hardened', 'postfix-virtual']),
    );
    for (const name of names) expect(loadStack(name, 'stacks')).toMatchObject({ name });
  });

  it('drop every right that they do not name, and never ask for all', async () => {
    for (const name of listStacks('stacks')) {
      expect(await readFile(`stacks/${name}/stack.yaml`, 'utf8')).not.toMatch(/privileged|\bALL\b/);
    }
  });
});

describe('a stack', () => {
  it('is found by its path', async () => {
    const path = await writeStack('mine', await readFile('stacks/postfix-dovecot/stack.yaml', 'utf8'));
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

  it.each([
    ['no YAML', 'name: [', 'is not YAML'],
    ['nothing at all', '', 'stack.yaml'],
    ['an unknown driver', 'name: x\ntitle: x\ndriver: kvm\n', 'driver'],
    ['an unknown key', 'name: x\ntitle: x\ndriver: embedded\nprivileged: true\n', 'privileged'],
    ['no services', 'name: x\ntitle: x\ndriver: docker\n', 'services'],
    [
      'a service of an unknown role',
      'name: x\ntitle: x\ndriver: docker\ndeviations: []\nservices:\n  a: { role: chef }\n',
      'services.a.role',
    ],
  ])('with %s says what is wrong, and where', async (_, yaml, expected) => {
    const path = await writeStack('bad', yaml);
    const error = refusal(path);
    expect(error.message).toContain(expected);
    expect(error.kind).toBe('usage');
  });
});
