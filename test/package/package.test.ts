import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);

/** npm prints a list of packages, or (since npm 11) one by name. */
const packedSchema = z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) });
const packOutput = z.union([z.array(packedSchema), z.record(z.string(), packedSchema)]);

const actionSchema = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string() })),
  runs: z.object({ steps: z.array(z.object({ name: z.string().optional(), run: z.string().optional() })) }),
});
const pipelineSchema = z.record(z.string(), z.object({ script: z.array(z.string()) }));

/** A repository with one scenario, as the pipelines expect it. */
async function repository(dir: string): Promise<string> {
  await mkdir(join(dir, 'mail', 'scenarios'), { recursive: true });
  await cp('examples/vitest/storage-refused.yaml', join(dir, 'mail', 'scenarios', 'storage-refused.yaml'));
  return dir;
}

/** The verdict in the JUnit file of the only run there. */
async function junitOf(reports: string): Promise<string> {
  const runs = (await readdir(join(reports, 'storage-refused'))).filter((name) => /^2/.test(name));
  expect(runs).toHaveLength(1);
  return readFile(join(reports, 'storage-refused', runs[0] ?? '', 'junit.xml'), 'utf8');
}

/** What users install is what is tested: the tarball, in a folder that knows nothing of this repository. */
describe('the package', () => {
  let dir: string;
  let files: readonly string[];
  let tarball: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobounce-package-'));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', dir]);
    const [packed] = Object.values(packOutput.parse(JSON.parse(stdout)));
    if (packed === undefined) throw new Error('npm packed nothing');
    tarball = join(dir, packed.filename);
    files = packed.files.map(({ path }) => path);
    await cp('examples/vitest', join(dir, 'example'), { recursive: true });
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball];
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
      'dist/gameday/page/page.html',
      'dist/gameday/page/page.css',
      'dist/gameday/page/page.js',
      'images/array/Dockerfile',
      'images/mounts/mounts-ctl',
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
      return file.startsWith('dist/') && !existsSync(source) && !existsSync(`${source}x`);
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

  it("runs the composite action's drill, as its step is written", async () => {
    const { inputs, runs } = actionSchema.parse(parse(await readFile('action.yml', 'utf8')));
    const script = runs.steps.find(({ name }) => name === 'Drill')?.run ?? '';
    expect(inputs['version']?.default).toBe('0.1');
    const cwd = await repository(join(dir, 'action'));
    const env = {
      ...process.env,
      SCENARIOS: 'mail/scenarios/*.yaml',
      ARGS: '--driver embedded --tag example',
      VERSION: `file:${tarball}`,
      REPORT_DIR: 'drill reports',
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
    };
    const { stdout } = await run('bash', ['-e', '-c', script], { cwd, env });
    expect(stdout).toContain('PASS');
    expect(await readFile(join(dir, 'summary.md'), 'utf8')).toContain('storage-refused');
    expect(await junitOf(join(cwd, 'drill reports'))).toContain('failures="0"');
  });

  it("runs the GitLab pipeline's embedded job, as its script is written", async () => {
    const file = 'examples/gitlab-ci/.gitlab-ci.yml';
    const job = pipelineSchema.parse(parse(await readFile(file, 'utf8')))['outage-drill-embedded'];
    const cwd = await repository(join(dir, 'gitlab'));
    const env = { ...process.env, NOBOUNCE: `nobounce@file:${tarball}` };
    const script = (job?.script ?? []).join('\n').replace('--tag ci', '--tag example');
    const { stdout } = await run('bash', ['-e', '-c', script], { cwd, env });
    expect(stdout).toContain('PASS');
    expect(await junitOf(join(cwd, 'reports'))).toContain('failures="0"');
  });
});
