import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The tests nearest to the code first: most mutants die there, and a run ends with its first failure. */
const ORDER = ['test/unit/check/', 'test/unit/history/', 'test/unit/scenario/', 'test/defects/'];

class NearestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => ORDER.findIndex((folder) => moduleId.includes(folder));
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

/**
 * Left out: what takes seconds and asks for time, memory or words, and good histories that must pass, which a check that
 * sees less passes as well.
 */
const LONG = [
  'test/unit/history/docs.test.ts',
  'test/unit/history/hostile.test.ts',
  'test/unit/scenario/hostile-yaml.test.ts',
  'test/unit/scenario/messages.test.ts',
  'test/defects/prefixes.test.ts',
  'test/defects/random-good/**',
];

/** The tests that judge the judge, for `npm run test:mutation`. */
export default defineConfig({
  test: {
    include: ORDER.map((folder) => `${folder}**/*.test.ts`),
    exclude: LONG,
    env: { NOBOUNCE_DIRECTED_BASE: 'embedded' },
    testTimeout: 60_000,
    isolate: false,
    sequence: { sequencer: NearestFirst },
  },
});
