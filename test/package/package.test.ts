import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);

/** npm prints a list of packages, or (since npm 11) one by name. */
const packedSchema = z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) });
const packOutput = z.union([z.array(packedSchema), z.record(z.string(), packedSchema)]);

/** What users install is what is tested: the tarball, in a folder that knows nothing of this repository. */
describe('the package', () => {
  let dir: string;
  let files: readonly string[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobounce-package-'));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', dir]);
    const [packed] = Object.values(packOutput.parse(JSON.parse(stdout)));
    if (packed === undefined) throw new Error('npm packed nothing');
    files = packed.files.map(({ path }) => path);
    await cp('examples/vitest', join(dir, 'example'), { recursive: true });
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', join(dir, packed.filename)];
    await run('npm', install, { cwd: join(dir, 'example') });
  }, 300_000);

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('holds what a drill needs, and nothing else', () => {
    const rooms = [...new Set(files.map((file) => file.split('/')[0]))].sort();
    expect(rooms).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist',
        'images',
        'package.json',
        'scenario.schema.json',
        'scenarios',
        'stacks',
      ].sort(),
    );
    for (const needed of [
      'dist/cli/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/vitest/index.js',
      'dist/vitest/index.d.ts',
      'images/array/Dockerfile',
      'scenarios/vendor-os-bug.yaml',
      'stacks/postfix-dovecot/stack.yaml',
      'stacks/embedded/stack.yaml',
    ]) {
      expect(files).toContain(needed);
    }
    expect(
      files.filter((file) => /\.(?:test|spec)\.|\.tsbuildinfo$|\.map$|history\.jsonl/.test(file)),
    ).toEqual([]);
    // Nothing compiled from a source that is no more: `rm -r dist` and build again.
    const orphans = files.filter((file) => {
      const source = file.replace(/^dist\//, 'src/').replace(/(?:\.d)?\.ts$|\.js$/, '.ts');
      return file.startsWith('dist/') && !existsSync(source);
    });
    expect(orphans).toEqual([]);
  });

  it('has a command that finds its scenarios', async () => {
    const { stdout } = await run('npx', ['--no-install', 'nobounce', 'list'], { cwd: join(dir, 'example') });
    expect(stdout).toContain('vendor-os-bug');
  });

  it('runs the vitest example, a whole drill without containers', async () => {
    const vitest = ['--no-install', 'vitest', 'run', '--reporter=json'];
    const { stdout } = await run('npx', vitest, { cwd: join(dir, 'example'), maxBuffer: 1 << 24 });
    const told = z
      .object({ success: z.boolean(), numPassedTests: z.number(), numFailedTests: z.number() })
      .parse(JSON.parse(stdout.slice(stdout.indexOf('{'))));
    expect(told).toMatchObject({ success: true, numFailedTests: 0 });
    expect(told.numPassedTests).toBeGreaterThan(15);
  });
});
