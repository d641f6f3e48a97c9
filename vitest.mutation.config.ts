import { defineConfig } from 'vitest/config';

/** The tests that judge the judge, for `npm run test:mutation`. */
export default defineConfig({
  test: {
    include: [
      'test/unit/history/**/*.test.ts',
      'test/unit/check/**/*.test.ts',
      'test/unit/scenario/**/*.test.ts',
      'test/defects/**/*.test.ts',
    ],
    exclude: ['test/unit/history/docs.test.ts'],
    testTimeout: 60_000,
    isolate: false,
  },
});
