import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resultsSchema } from '../../../src/check/results.js';
import { EXIT_CODE } from '../../../src/errors/errors.js';
import { scenarioJsonSchema } from '../../../src/scenario/json-schema.js';

const MAIN = 'dist/cli/main.js';
const BUILD_TIMEOUT_MS = 120_000;
/** Many at once on a machine of two cores. */
const CLI_TIMEOUT_MS = 60_000;

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}

function isStale(): boolean {
  if (!existsSync(MAIN)) return true;
  const builtMs = statSync(MAIN).mtimeMs;
  return readdirSync('src', { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > builtMs,
  );
}

/** Where a container engine would be: who asks here wanted to start something. */
let engine: Server;
let asked = 0;
let engineHost = '';
let dir = '';

beforeAll(async () => {
  if (isStale()) await node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  dir = await mkdtemp(join(tmpdir(), 'nobounce-cli-'));
  engine = createServer((socket) => {
    asked += 1;
    socket.destroy();
  });
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const bound = engine.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  engineHost = `tcp://127.0.0.1:${String(bound.port)}`;
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  engine.close();
  await rm(dir, { recursive: true, force: true });
});

function nobounce(...args: readonly string[]): Promise<Ended> {
  return node([MAIN, ...args], { DOCKER_HOST: engineHost, NO_COLOR: '1' });
}

const GOOD = readFileSync('scenarios/vendor-os-bug.yaml', 'utf8');
let files = 0;

/** A scenario file with one mistake in it. */
async function badFile(from: string, to: string): Promise<string> {
  const bad = GOOD.replace(from, to);
  if (bad === GOOD) throw new Error(`the scenario has no ${from}`);
  files += 1;
  const file = join(dir, `bad-${String(files)}.yaml`);
  await writeFile(file, bad);
  return file;
}

function place(what: string): string {
  const lines = GOOD.split('\n');
  const line = lines.findIndex((text) => text.includes(what));
  return `${String(line + 1)}:${String((lines[line]?.indexOf(what) ?? -1) + 1)}`;
}

describe.concurrent('a mistake in a scenario', { timeout: CLI_TIMEOUT_MS }, () => {
  it.each([
    ['an unknown key', 'tags:', 'tagz:', 'tags:', 'unknown key "tagz", did you mean "tags"?'],
    [
      'a missing unit',
      'hold: 15s',
      'hold: 15',
      '15s',
      'the unit is missing: expected a duration with a unit',
    ],
    [
      'an unknown fault',
      'fault: vendor-os-bug',
      'fault: vendor-os-bgu',
      'vendor-os-bug, volume',
      'unknown fault "vendor-os-bgu", did you mean "vendor-os-bug"?',
    ],
    [
      'an unknown stack',
      'stack: postfix-dovecot',
      'stack: postfix-dovecut',
      'postfix-dovecot',
      'there is no stack "postfix-dovecut", did you mean "postfix-dovecot"?',
    ],
    [
      'a stack elsewhere, which is code that would run',
      'stack: postfix-dovecot',
      'stack: ../',
      'postfix-dovecot',
      'the stack "../" lies outside the folder of this file: if you want it to run, say so with --stack',
    ],
    [
      'an unknown check',
      'delivered-after-recovery:',
      'delivered-after-recovry:',
      'delivered-after-recovery:',
      'unknown key "delivered-after-recovry", did you mean "delivered-after-recovery"?',
    ],
    [
      'a heal of what was never broken',
      'heal: all',
      'heal: { fault: flap }',
      'all',
      'heals flap, but what is broken at this point is: vendor-os-bug on gold',
    ],
    [
      'a volume nobody has',
      'volume: gold,',
      'volume: golf,',
      'gold, errno',
      'there is no volume "golf", did you mean "gold"?',
    ],
  ])('%s: one error with its place, exit 3, and nothing was started', async (_, from, to, at, message) => {
    const file = await badFile(from, to);
    const reports = `${file}-reports`;
    const { exitCode, stdout, stderr } = await nobounce('run', file, '--report-dir', reports);
    const [error = '', ...rest] = stderr.trimEnd().split('\n');
    const where = at === 'all' ? place('heal: all').replace(/\d+$/, '11') : place(at);
    expect(error).toContain(`${file}:${where}: ${message}`);
    // What to do about it, and no more: no stack trace, no second error.
    expect(rest).toHaveLength(1);
    expect(rest[0]).toMatch(/^ {2}→ /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(EXIT_CODE.usage);
    expect(existsSync(reports)).toBe(false);
    expect(asked).toBe(0);
  });

  it('costs no run of the scenarios before it', async () => {
    const { exitCode, stderr } = await nobounce('run', 'baseline', await badFile('hold: 15s', 'hold: 15'));
    expect(stderr).toContain('the unit is missing');
    expect(exitCode).toBe(EXIT_CODE.usage);
    expect(asked).toBe(0);
  });
});

describe.concurrent('a mistake on the command line', { timeout: CLI_TIMEOUT_MS }, () => {
  it.each<[string, readonly string[], string]>([
    ['an unknown command', ['rnu'], "unknown command 'rnu'"],
    ['an unknown option', ['run', 'baseline', '--sed', '1'], "unknown option '--sed'"],
    ['a seed that is no number', ['run', 'baseline', '--seed', 'abc'], 'expected a whole number'],
    ['a negative seed', ['run', 'baseline', '--seed=-1'], 'expected a whole number'],
    [
      'an unknown scenario',
      ['run', 'vendor-os-bgu'],
      'there is no scenario "vendor-os-bgu", did you mean "vendor-os-bug"?',
    ],
    ['a file that is not there', ['run', '../nowhere/outage.yaml'], 'cannot read the file'],
    ['a folder', ['run', './scenarios'], 'cannot read the file'],
    ['an unknown stack', ['run', 'baseline', '--stack', 'exchange'], 'there is no stack "exchange"'],
    [
      'a stack outside that is not there',
      ['run', 'baseline', '--stack', '../../nowhere'],
      'there is no stack',
    ],
    [
      'a folder for reports that is a file',
      ['run', 'baseline', '--report-dir', 'package.json'],
      'nothing can be written to package.json/baseline',
    ],
    [
      'a folder for reports below a file',
      ['run', 'baseline', '--report-dir', 'package.json/reports'],
      'nothing can be written to package.json/reports/baseline',
    ],
    ['nothing to validate', ['validate'], "missing required argument 'scenario'"],
    ['nothing to run', ['run'], 'no scenario is named'],
    ['a saved run that is not there', ['check', '/nowhere'], 'there is no history at /nowhere'],
    ['what is no history', ['check', 'package.json'], 'package.json holds no event'],
    [
      'a message that the history does not know',
      ['check', 'reports/sample/mount-lost', '--explain', 'x'],
      'no message "x" in reports/sample/mount-lost/history.jsonl.gz',
    ],
  ])('%s: says so, exit 3, and nothing was started', async (_, args, message) => {
    const { exitCode, stderr } = await nobounce(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(EXIT_CODE.usage);
    expect(asked).toBe(0);
  });

  it('a scenario that is no YAML: one error with its place', async () => {
    const file = join(dir, 'no.yaml');
    await writeFile(file, 'name: [\n');
    const { exitCode, stderr } = await nobounce('validate', file);
    expect(stderr).toMatch(/no\.yaml:\d+:\d+: /);
    expect(exitCode).toBe(EXIT_CODE.usage);
  });
});

describe.concurrent('an engine that does not answer', { timeout: CLI_TIMEOUT_MS }, () => {
  const nowhere = { DOCKER_HOST: 'tcp://127.0.0.1:1', NO_COLOR: '1', CI: '' };

  it.each([
    ['a scenario of ours', ['baseline']],
    ["a user's scenario on a stack of the user's, also with --driver auto", ['REAL', '--driver', 'auto']],
  ])('is an error, and nothing is started: %s', async (_, args) => {
    const folder = await mkdtemp(join(dir, 'real-'));
    await cp('test/cases/real-stack.yaml', join(folder, 'real-stack.yaml'));
    await cp('stacks/postfix-dovecot', join(folder, 'my-stack'), { recursive: true });
    const reports = join(folder, 'reports');
    const named = args.map((arg) => (arg === 'REAL' ? join(folder, 'real-stack.yaml') : arg));
    const { exitCode, stdout, stderr } = await node(
      [MAIN, 'run', ...named, '--report-dir', reports],
      nowhere,
    );
    expect(stderr).toContain(
      'the stack postfix-dovecot needs Docker: DOCKER_HOST=tcp://127.0.0.1:1: nobody listens there',
    );
    expect(stderr).toContain('→ start that engine, or unset DOCKER_HOST');
    expect(stdout).toBe('');
    expect(exitCode).toBe(EXIT_CODE.environment);
    expect(existsSync(reports)).toBe(false);
  });

  it('is what doctor says is missing, and how to mend it', async () => {
    const { exitCode, stdout } = await node([MAIN, 'doctor'], nowhere);
    expect(stdout).toContain('MISSING Docker');
    expect(stdout).toContain('DOCKER_HOST=tcp://127.0.0.1:1');
    expect(exitCode).toBe(EXIT_CODE.environment);
  });

  it("says that Docker's own configuration is broken, which testcontainers would die of", async () => {
    const config = await mkdtemp(join(dir, 'docker-'));
    await writeFile(join(config, 'config.json'), '{');
    const env = { DOCKER_CONFIG: config, NO_COLOR: '1' };
    for (const args of [['doctor'], ['run', 'baseline']]) {
      const { exitCode, stdout, stderr } = await node([MAIN, ...args], env);
      expect(`${stdout}${stderr}`).toMatch(/config\.json\s+cannot be read/);
      expect(exitCode).toBe(EXIT_CODE.environment);
    }
  });
});

const SAMPLE = 'reports/sample/mount-lost';
const sampled = () => resultsSchema.parse(JSON.parse(readFileSync(join(SAMPLE, 'results.json'), 'utf8')));

const listed = z.object({
  scenarios: z.array(
    z.object({ name: z.string(), title: z.string(), tags: z.array(z.string()), stack: z.string() }),
  ),
  stacks: z.array(z.object({ name: z.string(), title: z.string(), driver: z.string() })),
});

describe.concurrent('what starts nothing', { timeout: CLI_TIMEOUT_MS }, () => {
  it('check judges a run that was put away compressed, and says the same as when it ran', async () => {
    const { exitCode, stdout } = await nobounce('check', SAMPLE, '--json');
    const { run, verdict, mail, faults } = sampled();
    expect(JSON.parse(stdout)).toMatchObject({ run, verdict, mail, faults });
    expect(exitCode).toBe(EXIT_CODE.fail);
  });

  it('check --explain tells the story of a message of it, for people and as JSON', async () => {
    const id = sampled().checks.find(({ name }) => name === 'no-loss')?.findings[0]?.messages[0] ?? '';
    const story = ['check', SAMPLE, '--explain', id];
    const [text, json] = await Promise.all([nobounce(...story), nobounce(...story, '--json')]);
    expect(text.stdout).toMatch(/its file UNDER the mount point: .*\nFate: lost\.\n$/);
    expect(JSON.parse(json.stdout)).toMatchObject({ id, ending: 'Fate: lost.' });
    expect([text.exitCode, json.exitCode]).toEqual([EXIT_CODE.pass, EXIT_CODE.pass]);
  });

  it('list --json has every scenario and every stack', async () => {
    const { exitCode, stdout } = await nobounce('list', '--json');
    const { scenarios, stacks } = listed.parse(JSON.parse(stdout));
    const yaml = readdirSync('scenarios').filter((file) => file.endsWith('.yaml'));
    expect(scenarios.map(({ name }) => `${name}.yaml`).sort()).toEqual(yaml.sort());
    expect(stacks.map(({ name }) => name)).toContain('postfix-dovecot');
    expect(exitCode).toBe(EXIT_CODE.pass);
  });

  it('list has them for people', async () => {
    const { stdout } = await nobounce('list');
    expect(stdout).toMatch(
      /vendor-os-bug +A bug in the storage vendor's operating system.*\n +\S.* to settle · tags .*storage/,
    );
    expect(stdout).toMatch(/libero-virgilio-2023 .*\n.*for the clocks.*stands for 6 d/);
  });

  it("show prints the page of a run, of a scenario's newest run, and of the newest of all", async () => {
    const page = join('reports', 'sample', 'mount-lost', 'report.html');
    const { stdout, exitCode } = await nobounce('show', join('reports', 'sample', 'mount-lost'));
    expect([stdout, exitCode]).toEqual([`${page}\n`, EXIT_CODE.pass]);
    const newest = await nobounce('show', 'sample', '--print');
    expect(newest.stdout).toBe(`${join('reports', 'sample', 'vendor-os-bug', 'report.html')}\n`);
    const nowhere = await nobounce('show', '--report-dir', join(dir, 'nothing'));
    expect(nowhere.stderr).toContain('there is no run in');
    expect(nowhere.exitCode).toBe(EXIT_CODE.usage);
    const unknown = await nobounce('show', 'vendor-os-bugs');
    expect(unknown.stderr).toContain('there is no run "vendor-os-bugs"');
  });

  it('check folds what passed, and says it with --verbose; colours where they are forced', async () => {
    const run = join('reports', 'sample', 'vendor-os-bug');
    const folded = await nobounce('check', run);
    const verbose = await nobounce('check', run, '--verbose');
    expect(folded.stdout).toContain('promises kept');
    expect(verbose.stdout).toMatch(/pass +no-loss/);
    expect(folded.stdout.trimEnd().split('\n').at(-1)).toBe(`  report    ${join(run, 'report.html')}`);
    expect(folded.stdout).not.toContain('\u001b');
    const coloured = await node([MAIN, 'check', run], { FORCE_COLOR: '1' });
    expect(coloured.stdout).toContain('\u001b[');
  });

  it('validate takes names and paths, and all scenarios that there are', async () => {
    const paths = readdirSync('scenarios')
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => `scenarios/${file}`);
    const { exitCode, stdout, stderr } = await nobounce('validate', 'baseline', ...paths);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(paths.length + 1);
    expect(exitCode).toBe(EXIT_CODE.pass);
  });

  it('validate tells of each bad file, and of the good ones among them', async () => {
    const bad = [await badFile('hold: 15s', 'hold: 15'), await badFile('tags:', 'tagz:')];
    const { exitCode, stdout, stderr } = await nobounce('validate', ...bad, 'baseline');
    expect(stderr).toContain('the unit is missing');
    expect(stderr).toContain('unknown key "tagz"');
    expect(stdout).toContain('baseline.yaml: valid');
    expect(exitCode).toBe(EXIT_CODE.usage);
  });

  it("init writes a scenario that is valid, and a stack to make one's own", async () => {
    const file = join(dir, 'drills', 'My first outage.yaml');
    const copy = join(dir, 'drills', 'my-stack');
    const first = await nobounce('init', file, '--copy-stack', copy);
    expect(first.stderr).toBe('');
    expect(first.stdout).toContain(`npx nobounce run '${file}'`);
    expect(readFileSync(file, 'utf8')).toContain('name: my-first-outage');
    expect(readFileSync(file, 'utf8')).toContain('stack: ./my-stack');
    expect(existsSync(join(copy, 'stack.yaml'))).toBe(true);
    expect(await nobounce('validate', file)).toMatchObject({ exitCode: EXIT_CODE.pass, stderr: '' });
  });

  it('init overwrites nothing unless it is told to, and names no stack elsewhere', async () => {
    const file = join(dir, 'once.yaml');
    await writeFile(file, 'mine');
    const again = await nobounce('init', file);
    expect(again).toMatchObject({ exitCode: EXIT_CODE.usage });
    expect(again.stderr).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await nobounce('init', file, '--force')).toMatchObject({ exitCode: EXIT_CODE.pass });
    const elsewhere = await nobounce('init', join(dir, 'new.yaml'), '--copy-stack', `${dir}-elsewhere`);
    expect(elsewhere).toMatchObject({ exitCode: EXIT_CODE.usage });
    expect(existsSync(join(dir, 'new.yaml'))).toBe(false);
    expect(existsSync(`${dir}-elsewhere`)).toBe(false);
  });

  it('schema prints the JSON Schema', async () => {
    const { exitCode, stdout } = await nobounce('schema');
    expect(JSON.parse(stdout)).toEqual(scenarioJsonSchema());
    expect(exitCode).toBe(EXIT_CODE.pass);
  });

  it('--version and --help say what this is; help has examples and the exit codes', async () => {
    const [version, help, run] = await Promise.all([
      nobounce('--version'),
      nobounce('--help'),
      nobounce('run', '--help'),
    ]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help.stdout).toContain('nobounce doctor');
    expect(run.stdout).toContain('nobounce run vendor-os-bug');
    expect(run.stdout).toContain('Exit codes');
    expect([version, help, run].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  });
});
