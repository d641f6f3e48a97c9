/**
 * Writes docs/reliability.md from real runs that something befalls: each service killed, streams cut, the engine gone,
 * signals, a full disk. `npm run reliability` runs them all, `npm run reliability -- 'docker kill'` those whose name
 * holds this, and keeps the other rows. Needs root for the small disk.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { suffer, type Mishap, type Outcome } from './reliability/drill.js';
import { MISHAPS } from './reliability/mishaps.js';

const FILE = 'docs/reliability.md';
/** Within this time after its moment has come a mishap befalls, at random. */
const WITHIN_MS = 2_500;
const TABLE_HEAD =
  '| driver | what befalls it | when | exit code | verdict | ends after | left | left after `clean` | what it says |';

const keyOf = ({ driver, name, when }: Mishap): string => `| ${driver} | ${name} | ${when} |`;

function row({ mishap, exitCode, signal, verdict, endedAfterMs, ...outcome }: Outcome): string {
  const cells = [
    exitCode === null ? (signal ?? '?') : String(exitCode),
    verdict ?? '–',
    `${(endedAfterMs / 1_000).toFixed(1)} s`,
    String(outcome.leftAtEnd.length),
    String(outcome.leftAfterClean.length),
    outcome.reason.replaceAll('|', '\\|').slice(0, 160),
  ];
  return `${keyOf(mishap)} ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  const [only = ''] = process.argv.slice(2);
  const text = await readFile(FILE, 'utf8');
  const start = text.indexOf(TABLE_HEAD);
  if (start < 0) throw new Error(`${FILE} has no table that begins with ${TABLE_HEAD}`);
  const rows = new Map(
    text
      .slice(start)
      .split('\n')
      .slice(2)
      .filter((line) => line.startsWith('|'))
      .map((line): [string, string] => [line.split('|').slice(0, 4).join('|') + '|', line]),
  );
  for (const mishap of MISHAPS) {
    if (!`${mishap.driver} ${mishap.name} ${mishap.when}`.includes(only)) continue;
    const outcome = await suffer(mishap, Math.random() * WITHIN_MS);
    rows.set(keyOf(mishap), row(outcome));
    console.log(row(outcome));
    if (outcome.leftAfterClean.length > 0) console.log(`  left: ${outcome.leftAfterClean.join(', ')}`);
    if (process.env['SHOW'] !== undefined) console.log(outcome.output);
    const known = MISHAPS.flatMap((each) => rows.get(keyOf(each)) ?? []);
    const head = [TABLE_HEAD, TABLE_HEAD.replaceAll(/[^|]+/g, ' --- ')];
    await writeFile(FILE, `${text.slice(0, start)}${[...head, ...known].join('\n')}\n`);
  }
}

await main();
