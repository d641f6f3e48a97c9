import { describe, expect, it } from 'vitest';
import { reporterList } from '../../../src/report/registry.js';
import { parseShard, selectDrills } from '../../../src/cli/selection.js';
import { parseScenario } from '../../../src/scenario/load.js';

const drill = (name: string, tags: string) =>
  parseScenario(
    `{name: ${name}, title: t, tags: [${tags}], domains: [{name: a.test, mailboxes: 1, volumes: [v]}],
      traffic: {inbound: {rate: 1/s}}, timeline: [{steady: 1s}, {inject: {fault: stall, volume: v}},
      {hold: 1s}, {heal: all}, {settle: 1s}]}`,
    `${name}.yaml`,
  );
const all = [drill('a', 'ci'), drill('b', 'slow'), drill('c', 'ci'), drill('d', 'ci')];
const names = (drills: readonly { readonly file: string }[]) =>
  drills.map(({ file }) => file.slice(0, 1)).join('');

describe('which drills run', () => {
  it('keeps the order, takes a tag, and repeats each in a row', () => {
    expect(names(selectDrills(all, { repeat: 1 }))).toBe('abcd');
    expect(names(selectDrills(all, { tag: 'ci', repeat: 2 }))).toBe('aaccdd');
  });

  it('gives every drill to exactly one shard', () => {
    const shards = [1, 2, 3].map((index) => selectDrills(all, { repeat: 2, shard: { index, of: 3 } }));
    expect(shards.map(names)).toEqual(['abd', 'acd', 'bc']);
    expect(shards.flat()).toHaveLength(8);
  });

  it('refuses to run nothing', () => {
    expect(() => selectDrills(all, { tag: 'cii', repeat: 1 })).toThrow(/no scenario has the tag "cii"/);
    expect(() => selectDrills([], { repeat: 1 })).toThrow(/no scenario is named/);
  });

  it('reads shards and reporters, and says what is wrong with others', () => {
    expect(parseShard('2/3')).toEqual({ index: 2, of: 3 });
    for (const wrong of ['0/3', '4/3', '1', '1/0', 'x']) expect(() => parseShard(wrong)).toThrow();
    expect(reporterList('html, tap,html')).toEqual(['html', 'tap']);
    expect(() => reporterList('junitt')).toThrow(/junit/);
    expect(reporterList('./ours.js,@acme/reporter,nobounce-reporter-slack')).toHaveLength(3);
  });
});
