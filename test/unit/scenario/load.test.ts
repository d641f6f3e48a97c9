import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defineScenario, parseScenario } from '../../../src/scenario/load.js';
import { ScenarioError } from '../../../src/scenario/problem.js';
import { EXIT_CODE } from '../../../src/errors/errors.js';

const good = readFileSync('scenarios/vendor-os-bug.yaml', 'utf8');

function problemsOf(source: string): string[] {
  try {
    parseScenario(source, 'x.yaml');
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.exitCode).toBe(EXIT_CODE.usage);
    return error.message.split('\n');
  }
  return [];
}

describe('every scenario of scenarios/', () => {
  it.each(readdirSync('scenarios').filter((file) => file.endsWith('.yaml')))('%s is valid', (file) => {
    const { scenario } = parseScenario(readFileSync(`scenarios/${file}`, 'utf8'), file);
    expect(`${scenario.name}.yaml`).toBe(file);
  });
});

describe('a wrong scenario file', () => {
  it.each([
    ['unknown step', 'hold: 15s', 'holdd: 15s', 'x.yaml:20:5: unknown step "holdd", did you mean "hold"?'],
    ['missing unit', 'hold: 15s', 'hold: 15', 'x.yaml:20:11: the unit is missing: expected a duration'],
    [
      'unknown fault',
      'fault: vendor-os-bug',
      'fault: vendor-os-bg',
      'x.yaml:19:22: unknown fault "vendor-os-bg", did you mean "vendor-os-bug"?',
    ],
    [
      'volume nobody has',
      'volume: gold,',
      'volume: golf,',
      'x.yaml:19:45: there is no volume "golf", did you mean "gold"?',
    ],
    [
      'heals what it never broke',
      'heal: all',
      'heal: { fault: stall }',
      'x.yaml:21:11: heals stall, but what is broken at this point is: vendor-os-bug on gold',
    ],
    [
      'unknown check',
      'delivered-after-recovery',
      'delivered-after-recover',
      'x.yaml:24:3: unknown key "delivered-after-recover", did you mean "delivered-after-recovery"?',
    ],
    ['unknown key', 'tags:', 'tagz:', 'x.yaml:7:1: unknown key "tagz", did you mean "tags"?'],
    ['rate without a unit', '5/s', '5', 'x.yaml:13:20: the unit is missing: expected a rate'],
    [
      'unknown errno',
      'errno: EIO',
      'errno: EEIO',
      'x.yaml:19:58: "EEIO" is not known here, did you mean "EIO"?',
    ],
    [
      'unknown parameter',
      'errno: EIO',
      'ernno: EIO',
      'x.yaml:19:51: unknown key "ernno", did you mean "errno"?',
    ],
    [
      'unknown limit',
      'within: 30s',
      'withn: 30s',
      'x.yaml:24:31: unknown key "withn", did you mean "within"?',
    ],
    ['fault without a volume', 'volume: gold, ', '', 'x.yaml:19:13: "volume" is missing'],
    ['no settle at the end', /- settle: \w+/, '', 'a timeline ends with `settle`'],
    [
      'a domain of the real Internet',
      'name: libero.test',
      'name: libero.it',
      'x.yaml:10:13: expected a domain under .test',
    ],
    ['two keys in a step', '- heal: all', '- heal: all\n    hold: 3s', 'a step has one key, this one has 2'],
    ['not YAML', 'tags: [', 'tags: {a: b}}', 'x.yaml:'],
  ])('%s: says where and what to write instead', (_, from, to, expected) => {
    const problems = problemsOf(good.replace(from, to));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it('reports all problems at once', () => {
    expect(problemsOf(good.replace('5/s', '5').replace('hold: 15s', 'hold: 15'))).toHaveLength(2);
  });

  it('is never fixed silently: a fault left active at the end is an error', () => {
    expect(problemsOf(good.replace('- heal: all', '')).join()).toContain('still active');
  });
});

describe('defineScenario', () => {
  const input = {
    name: 'x',
    title: 'x',
    domains: [{ name: 'a.test', mailboxes: 1, volumes: ['gold'] }],
    traffic: { inbound: { rate: '5/s' } },
  };

  it('gives the same object as the file', () => {
    const scenario = defineScenario({ ...input, timeline: [{ steady: '2s' }, { settle: '1m' }] });
    expect(scenario.timeline).toEqual([{ steady: 2_000 }, { settle: 60_000 }]);
    expect(scenario.traffic.inbound?.rate).toBe(5);
  });

  it('throws with the path of the problem', () => {
    expect(() => defineScenario({ ...input, timeline: [{ steady: '2' }, { settle: '1m' }] })).toThrow(
      'timeline[0].steady: the unit is missing',
    );
  });
});
