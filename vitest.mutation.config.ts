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

/** The tests that judge the judge, for `npm run test:mutation`. */
export default defineConfig({
  test: {
    include: ORDER.map((folder) => `${folder}**/*.test.ts`),
    exclude: ['test/unit/history/docs.test.ts', 'test/defects/prefixes.test.ts'],
    testTimeout: 60_000,
    isolate: false,
    sequence: { sequencer: NearestFirst },
  },
});
