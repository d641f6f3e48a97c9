/**
 * Writes docs/verdicts.md from real runs: every scenario on every stack where its verdict tells something.
 * `npm run verdicts` runs them all; `npm run verdicts -- mount-lost` only these, and keeps the other rows.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultsSchema } from '../src/check/results.js';

const FILE = 'docs/verdicts.md';
const AT_ONCE = 2;
/** Beside the stock stack: what shows that hardening helps, and what shows that the harness sees a bounce. */
const OTHER_STACKS: Readonly<Record<string, readonly string[]>> = {
  'postfix-dovecot-hardened': [
    'mount-lost',
    'latency-heavy',
    'one-volume-stalls',
    'quota-exceeded',
    'disk-full',
    'vendor-os-bug',
  ],
  'postfix-virtual': ['vendor-os-bug', 'quota-exceeded'],
};

interface Row {
  readonly scenario: string;
  readonly stack: string;
  readonly cells: readonly string[];
}

async function run(scenario: string, stack: string): Promise<Row> {
  const reports = await mkdtemp(join(tmpdir(), 'nobounce-verdicts-'));
  const args = ['dist/cli/main.js', 'run', scenario, '--stack', stack, '--report-dir', reports];
  if (stack === 'embedded') args.push('--driver', 'embedded');
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (exitCode === 4)
    return { scenario, stack, cells: ['not possible', '', '', 'the driver refuses it before it starts'] };
  const text = await readFile(join(reports, scenario, 'latest', 'results.json'), 'utf8');
  const results = resultsSchema.parse(JSON.parse(text));
  const failed = results.checks.filter(({ verdict }) => verdict === 'fail');
  // Loss and bounces tell most; the order of the checks is the order of the promises.
  const finding = failed[0]?.findings[0]?.summary ?? '';
  console.log(`${scenario} on ${stack}: ${results.verdict} ${failed.map(({ name }) => name).join(', ')}`);
  const plain = finding.replaceAll('|', '\\|').replaceAll(/[a-z0-9]{6}-([inoc]\d{6})/g, '$1');
  return { scenario, stack, cells: [results.verdict, failed.map(({ name }) => name).join(', '), '', plain] };
}

function format(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ scenario, stack, cells: [verdict = '', failed = '', also = '', finding = ''] }) => {
      const shown = verdict === 'fail' ? '**fail**' : verdict;
      return `| \`${scenario}\` | \`${stack}\` | ${shown} | ${failed} | ${also} | ${finding} |`;
    },
  );
  return lines.join('\n');
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const scenarios = (await readdir('scenarios'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -5));
  const pairs = [
    ...scenarios.map((scenario) => [scenario, 'postfix-dovecot'] as const),
    ...Object.entries(OTHER_STACKS).flatMap(([stack, names]) =>
      names.filter((name) => scenarios.includes(name)).map((scenario) => [scenario, stack] as const),
    ),
    ...scenarios.map((scenario) => [scenario, 'embedded'] as const),
  ];
  const before = await readFile(FILE, 'utf8');
  const kept = new Map<string, Row>(
    before
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line): [string, Row] => {
        const [, scenario = '', stack = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
        const row = {
          scenario: scenario.replaceAll('`', ''),
          stack: stack.replaceAll('`', ''),
          cells: cells.slice(0, 4),
        };
        return [
          `${row.scenario} ${row.stack}`,
          { ...row, cells: row.cells.map((cell) => cell.replaceAll('**', '')) },
        ];
      }),
  );
  const waiting = pairs.filter(
    ([scenario, stack]) => only.length === 0 || only.includes(scenario) || only.includes(stack),
  );
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
        const row = await run(...pair);
        // What happens now and then is written by hand: no single run shows it, and none that does changes the verdict.
        const key = `${row.scenario} ${row.stack}`;
        const known = kept.get(key);
        const also = known?.cells[2] ?? '';
        const failed = row.cells[1]?.split(', ').filter(Boolean) ?? [];
        const isKnown = known?.cells[0] === 'pass' && failed.every((name) => also.split(', ').includes(name));
        if (known === undefined || !isKnown || row.cells[0] !== 'fail')
          kept.set(key, { ...row, cells: row.cells.with(2, also) });
      }
    }),
  );
  const rows = pairs.flatMap(([scenario, stack]) => kept.get(`${scenario} ${stack}`) ?? []);
  const [intro = ''] = before.split('\n| ');
  const header =
    '| scenario | stack | verdict | broken promises | now and then also | first finding |\n| --- | --- | --- | --- | --- | --- |';
  const tail = before.includes('\n## ') ? before.slice(before.indexOf('\n## ')) : '';
  await writeFile(FILE, `${intro.trimEnd()}\n\n${header}\n${format(rows)}\n${tail}`);
}

await main();
