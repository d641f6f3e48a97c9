/**
 * Renews docs/mutation.md from the report of the last `npm run test:mutation`: the score of every file, and every
 * mutant that survived, under the reason why it may (scripts/mutation-reasons.ts). Ends with 1 where one has none.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { REASONS } from './mutation-reasons.js';

const REPORT = 'reports/mutation/mutation.json';
const DOC = 'docs/mutation.md';
const CAUGHT: ReadonlySet<string> = new Set(['Killed', 'Timeout']);
const ESCAPED: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);

const position = z.object({ line: z.number(), column: z.number() });
const mutantSchema = z.object({
  status: z.string(),
  replacement: z.string().default(''),
  location: z.object({ start: position, end: position }),
});
const reportSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(mutantSchema) })),
});
type Mutant = z.output<typeof mutantSchema>;

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
/** As code in a Markdown list, however many backticks it has. */
const code = (text: string) => {
  const short = text.length > 90 ? `${text.slice(0, 89)}…` : text;
  return short === '' ? '(nothing)' : `\`\` ${short} \`\``;
};

function originalOf(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return oneLine(
    lines
      .map((line, index) =>
        line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
      )
      .join('\n'),
  );
}

function row(name: string, mutants: readonly Mutant[]): string {
  const count = (statuses: ReadonlySet<string>) =>
    mutants.filter(({ status }) => statuses.has(status)).length;
  const [caught, escaped] = [count(CAUGHT), count(ESCAPED)];
  const score = ((100 * caught) / (caught + escaped)).toFixed(1);
  return `| ${name} | ${caught + escaped} | ${caught} | ${escaped} | ${score} % |`;
}

const { files } = reportSchema.parse(JSON.parse(await readFile(REPORT, 'utf8')));
const names = Object.keys(files).filter((name) =>
  files[name]?.mutants.some(({ status }) => CAUGHT.has(status)),
);
const of = (...wanted: readonly string[]) => wanted.flatMap((name) => files[name]?.mutants ?? []);
const rooms = [...new Set(names.map((name) => name.slice(0, name.lastIndexOf('/'))))];
const score = [
  '| file | mutants | caught | survived | score |',
  '| --- | ---: | ---: | ---: | ---: |',
  row('**all**', of(...names)),
  ...rooms.sort().flatMap((room) => {
    const inside = names.filter((name) => name.startsWith(`${room}/`)).sort();
    return [
      row(`**\`${room}\`**`, of(...inside)),
      ...inside.map((name) => row(`\`${name.slice(room.length + 1)}\``, of(name))),
    ];
  }),
];

const byReason = new Map<string, string[]>();
let unexplained = 0;
for (const name of names.sort()) {
  for (const { status, replacement, location } of of(name)) {
    if (!ESCAPED.has(status)) continue;
    const original = originalOf(files[name]?.source ?? '', location);
    const change = oneLine(replacement);
    const reason = REASONS.find(({ where }) =>
      where.some(
        ([file, text, to]) =>
          name.endsWith(file) && original.includes(text) && (to === undefined || to === change),
      ),
    );
    if (reason === undefined) unexplained += 1;
    const why = reason?.why ?? 'Not explained yet.';
    const lines = byReason.get(why) ?? [];
    byReason.set(why, lines);
    lines.push(`- \`${name}:${location.start.line}\` ${code(original)} → ${code(change)}`);
  }
}
const survivors = [...byReason].map(([why, lines]) => `${why}\n\n${lines.join('\n')}`);

let doc = await readFile(DOC, 'utf8');
for (const [part, text] of [
  ['score', score.join('\n')],
  ['survivors', survivors.join('\n\n')],
] as const) {
  const marks = [`<!-- ${part} -->`, `<!-- /${part} -->`] as const;
  const [before, after] = [doc.split(marks[0])[0] ?? '', doc.split(marks[1])[1] ?? ''];
  doc = `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`;
}
await writeFile(DOC, doc);
if (unexplained > 0) {
  console.error(`${unexplained} survivors have no reason in scripts/mutation-reasons.ts`);
  process.exitCode = 1;
}
