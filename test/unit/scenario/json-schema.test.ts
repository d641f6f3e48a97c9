import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../../src/scenario/json-schema.js';

const valid = new Ajv2020({ allErrors: true }).compile(scenarioJsonSchema());
const good = readFileSync('scenarios/vendor-os-bug.yaml', 'utf8');

describe('the JSON Schema of scenario files', () => {
  it('is the one in the root of the project, which editors use: `nobounce schema > scenario.schema.json`', () => {
    expect(JSON.parse(readFileSync('scenario.schema.json', 'utf8'))).toEqual(scenarioJsonSchema());
  });

  it.each(readdirSync('scenarios').filter((file) => file.endsWith('.yaml')))('takes %s', (file) => {
    valid(parse(readFileSync(`scenarios/${file}`, 'utf8')));
    expect(valid.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key', 'tags:', 'tagz:'],
    ['a missing unit', 'hold: 15s', 'hold: 15'],
    ['a wrong unit', 'hold: 15s', 'hold: 15 sec'],
    ['a rate without a unit', '5/s', '5'],
    ['a size without a unit', '2 KiB..64 KiB', '2..64 KiB'],
    ['an unknown fault', 'fault: vendor-os-bug', 'fault: vendor-os-bugs'],
    ['a parameter of another fault', 'errno: EIO', 'latency: 3s'],
    ['an unknown errno', 'errno: EIO', 'errno: EWHAT'],
    ['no operations', '[write, fsync]', '[]'],
    ['an unknown check', 'delivered-after-recovery', 'delivered-some-day'],
    ['an unknown limit', 'within: 30s', 'in: 30s'],
    ['an unknown step', 'hold: 15s', 'wait: 15s'],
    ['two keys in a step', '- heal: all', '- heal: all\n    hold: 3s'],
    ['a domain of the real Internet', 'libero.test', 'libero.it'],
    ['no mailboxes', 'mailboxes: 6', 'mailboxes: 0'],
    ['no traffic', 'traffic:', 'description-of-traffic:'],
  ])('refuses %s, as the loader does', (_, from, to) => {
    const bad = good.replace(from, to);
    expect(bad).not.toBe(good);
    expect(valid(parse(bad))).toBe(false);
  });

  it('says what each measured value must look like', () => {
    expect(JSON.stringify(scenarioJsonSchema())).toContain('a duration with a unit, such as 500ms');
  });
});
