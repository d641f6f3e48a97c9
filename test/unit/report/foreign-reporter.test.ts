import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { chooseReporters } from '../../../src/report/registry.js';

const PLACE = { reportsDir: 'somewhere', env: {} };
let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-reporter-'));
});

async function moduleOf(source: string): Promise<string> {
  const file = join(dir, 'reporter.mjs');
  await writeFile(file, source);
  return file;
}

describe('a reporter of a module', () => {
  it('is made by its default export, and told of its place, behind those that always are', async () => {
    const file = await moduleOf('export default ({ reportsDir }) => ({ name: `ours in ${reportsDir}` });');
    const reporters = await chooseReporters([file, 'tap'], PLACE);
    expect(reporters.map(({ name }) => name)).toEqual(['results', 'mailboxes', 'ours in somewhere', 'tap']);
  });

  it.each([
    ['that is not there', () => join('nowhere', 'reporter.mjs'), /cannot be loaded/],
    ['that throws', () => moduleOf('throw new Error("not today");'), /not today/],
    ['that makes none', () => moduleOf('export const reporter = 1;'), /makes no reporter/],
  ])('%s is a mistake of who named it', async (_, file, message) => {
    const failure: unknown = await chooseReporters([await file()], PLACE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NobounceError);
    expect(failure).toMatchObject({ kind: 'usage' });
    const { message: said, cause } = failure instanceof Error ? failure : new Error('none');
    expect(`${said} ${String(cause)}`).toMatch(message);
  });
});
