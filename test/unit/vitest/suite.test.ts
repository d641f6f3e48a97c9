import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const TIMEOUT_MS = 120_000;

const told = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** A project of a user's, with a scenario and a stack of its own, whose tests are run by a vitest of their own. */
function project(test: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'suite-'));
  cpSync('test/cases/real-stack.yaml', join(dir, 'real-stack.yaml'));
  cpSync('stacks/postfix-dovecot', join(dir, 'my-stack'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'outage.test.ts'), test);
  const alias = { 'nobounce/vitest': resolve('src/vitest/index.ts') };
  writeFileSync(
    join(dir, 'vitest.config.ts'),
    `export default { test: { alias: ${JSON.stringify(alias)} } };\n`,
  );
  return dir;
}

async function run(
  dir: string,
  env: Record<string, string>,
): Promise<{ text: string; told: z.output<typeof told> }> {
  const file = join(dir, 'told.json');
  const args = [
    resolve('node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`,
  ];
  const text = await new Promise<string>((done) => {
    execFile(
      process.execPath,
      args,
      { cwd: dir, env: { ...process.env, NO_COLOR: '1', VITEST: '', ...env }, timeout: TIMEOUT_MS },
      (_, stdout, stderr) => {
        done(`${stdout}${stderr}`);
      },
    );
  });
  if (!existsSync(file)) throw new Error(text);
  const written: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return { text, told: told.parse(written) };
}

const IMPORTS = "import { outage } from 'nobounce/vitest';\nimport { expect, test } from 'vitest';\n";

describe.concurrent('a drill as a suite of somebody else', { timeout: TIMEOUT_MS }, () => {
  it('that needs an engine which does not answer fails for that reason, and tests nothing else', async () => {
    const dir = project(
      `${IMPORTS}const drill = outage('./real-stack.yaml', { seed: 1 });
       test('our own stack loses nothing', () => { expect(drill.run).toHaveLostNothing(); });`,
    );
    const { text, told: results } = await run(dir, { DOCKER_HOST: 'tcp://127.0.0.1:1', CI: '' });
    expect(results).toMatchObject({ success: false, numPassedTests: 0 });
    const own = results.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .find(({ title }) => title === 'our own stack loses nothing');
    expect(own?.failureMessages?.join()).toContain(
      'the scenario could not start: the stack postfix-dovecot needs Docker: DOCKER_HOST=tcp://127.0.0.1:1: nobody listens there',
    );
    expect(text).toContain('→ start that engine, or unset DOCKER_HOST');
    expect(text).not.toContain('has not run yet');
    expect(existsSync(join(dir, 'reports'))).toBe(false);
  });

  it('has a name that says what is tested, and each of several its own', async () => {
    const dir = project(
      `${IMPORTS}outage('./real-stack.yaml');
       outage('./real-stack.yaml');
       outage('./real-stack.yaml', { stack: 'embedded', timeoutMs: 10_000 });
       outage('vendor-os-bgu');
       test('x', () => { expect(1).toBe(1); });`,
    );
    const { text, told: results } = await run(dir, { DOCKER_HOST: 'tcp://127.0.0.1:1', CI: '' });
    const suites = new Set(
      results.testResults.flatMap(({ assertionResults }) =>
        assertionResults.flatMap(({ ancestorTitles }) => ancestorTitles),
      ),
    );
    expect([...suites].filter((name) => name !== '')).toEqual([
      'outage real-stack on postfix-dovecot (docker)',
      'outage real-stack on postfix-dovecot (docker) (2)',
      'outage real-stack on embedded (embedded)',
      'outage vendor-os-bgu',
    ]);
    expect(text).toContain('there is no scenario "vendor-os-bgu", did you mean "vendor-os-bug"?');
    expect(text).toContain('timeoutMs 10000 (10 s) is less than the timeline of real-stack takes: 16 s');
  });
});
