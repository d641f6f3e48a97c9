import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { junitXml } from '../../../src/report/junit.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { goodHistory } from '../../support/good-history.js';
import { visible } from '../../../src/report/safe-text.js';
import { brokenHistory, HOSTILE, lossyHistory, savedRun } from '../../support/saved-run.js';

/** Jenkins' junit-10.xsd (xunit plugin) as rules: what may stand in an element, and which attributes. */
const text = z.string();
/** SUREFIRE_TIME */
const time = z.string().regex(/^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/);
const told = z.array(
  z.strictObject({ '@type': text.optional(), '@message': text.optional(), '#text': text.optional() }),
);
const output = z.array(z.union([text, z.strictObject({ '#text': text })]));
const testcase = z.strictObject({
  '@name': text,
  '@time': time.optional(),
  '@classname': text.optional(),
  skipped: told.optional(),
  error: told.optional(),
  failure: told.optional(),
  'system-out': output.optional(),
});
const testsuite = z.strictObject({
  '@name': text,
  '@tests': text,
  '@failures': text,
  '@errors': text,
  '@skipped': text.optional(),
  '@time': time.optional(),
  '@timestamp': text.optional(),
  '@id': text.optional(),
  properties: z.array(
    z.strictObject({ property: z.array(z.strictObject({ '@name': text, '@value': text })) }),
  ),
  testcase: z.array(testcase),
  'system-out': output.optional(),
});
const document = z.strictObject({
  '?xml': z.unknown(),
  testsuites: z.strictObject({
    '@name': text,
    '@time': time,
    '@tests': text,
    '@failures': text,
    '@errors': text,
    testsuite: z.array(testsuite).optional(),
  }),
});

const LISTS = [
  'testsuite',
  'testcase',
  'properties',
  'property',
  'failure',
  'error',
  'skipped',
  'system-out',
];

function parse(xml: string): z.output<typeof document>['testsuites'] {
  expect(SyntaxValidator.validate(xml, { invalidCharSequence: { tagValue: true, attrLt: true } })).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: true,
    htmlEntities: true,
    isArray: (name) => LISTS.includes(name),
  });
  const parsed: unknown = JSON.parse(
    // Blanks between elements are text to a parser that keeps text as it is; the schema has none there.
    JSON.stringify(parser.parse(xml.replace(/>\n+</g, '><'))),
  );
  return document.parse(parsed).testsuites;
}

describe('junit.xml', () => {
  let good: RunReport;
  let lossy: RunReport;
  let broken: RunReport;
  beforeAll(async () => {
    good = await savedRun(goodHistory());
    lossy = await savedRun(lossyHistory());
    broken = await savedRun(brokenHistory());
  });

  it('keeps to the schema of Jenkins, and its counts are those of its cases', () => {
    const root = parse(junitXml([good, lossy, broken]));
    const suites = root.testsuite ?? [];
    expect(suites).toHaveLength(3);
    let [tests, failures, errors] = [0, 0, 0];
    for (const suite of suites) {
      const failed = suite.testcase.filter((one) => one.failure !== undefined).length;
      const erred = suite.testcase.filter((one) => one.error !== undefined).length;
      const skipped = suite.testcase.filter((one) => one.skipped !== undefined).length;
      expect(suite).toMatchObject({
        '@tests': String(suite.testcase.length),
        '@failures': String(failed),
        '@errors': String(erred),
        '@skipped': String(skipped),
      });
      tests += suite.testcase.length;
      failures += failed;
      errors += erred;
    }
    expect(root).toMatchObject({
      '@tests': String(tests),
      '@failures': String(failures),
      '@errors': String(errors),
    });
  });

  it('has a case for each check, a failure for the stack and an error for the harness', () => {
    const [goodSuite, lossySuite, brokenSuite] = parse(junitXml([good, lossy, broken])).testsuite ?? [];
    expect(goodSuite?.testcase.map((one) => one['@name'])).toEqual(
      good.judgement.checks.map(({ name }) => name),
    );
    const lost = lossySuite?.testcase.find((one) => one['@name'] === 'no-loss');
    expect(lost?.failure?.[0]?.['@message']).toContain('lost');
    expect(lost?.error).toBeUndefined();
    const harness = brokenSuite?.testcase.find((one) => one['@name'] === 'harness');
    expect(harness?.error?.[0]).toMatchObject({
      '@type': 'harness',
      '@message': 'the run: an image will not build',
    });
    expect(brokenSuite?.testcase.some((one) => one.failure !== undefined)).toBe(false);
  });

  it('names its attachments, each on a line of its own', () => {
    const [suite] = parse(junitXml([good])).testsuite ?? [];
    const [out] = suite?.testcase[0]?.['system-out'] ?? [];
    expect(typeof out === 'string' ? out : out?.['#text']).toMatch(
      /\n\[\[ATTACHMENT\|[^\n]*report\.html\]\]\n\[\[ATTACHMENT\|[^\n]*results\.json\]\]\n$/,
    );
  });

  it('keeps hostile mail as text, character by character where XML has it', () => {
    const [suite] = parse(junitXml([lossy])).testsuite ?? [];
    const lost = suite?.testcase.find((one) => one['@name'] === 'no-loss');
    // Addresses are compared in lower case.
    expect(lost?.failure?.[0]?.['#text']).toContain(visible(HOSTILE).toLowerCase());
  });

  it('is a document also without runs', () => {
    expect(parse(junitXml([]))).toMatchObject({ '@tests': '0' });
  });
});
