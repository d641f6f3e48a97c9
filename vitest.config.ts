import { defineConfig, type TestUserConfig } from 'vitest/config';

/** A test that asserts nothing fails, and none may need the one before it. */
const STRICT = {
  expect: { requireAssertions: true },
  sequence: { shuffle: { files: false, tests: true } },
} satisfies TestUserConfig;

/** Every project has a folder of its own for temporary files. */
function project({ globalSetup = [], ...test }: TestUserConfig & { readonly name: string }) {
  return {
    test: { ...STRICT, ...test, globalSetup: ['test/support/temp-home.ts', ...[globalSetup].flat()] },
  };
}

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which on two is half of them.
    maxWorkers: '100%',
    projects: [
      // Generous: what takes half a second alone takes ten times that on a busy machine.
      project({ name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 }),
      project({ name: 'defects', include: ['test/defects/**/*.test.ts'], testTimeout: 60_000 }),
      project({ name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 }),
      project({ name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 180_000 }),
      project({ name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 120_000 }),
      project({
        name: 'embedded',
        include: ['test/embedded/**/*.test.ts'],
        fileParallelism: false,
        // Each drill is some ten processes: three at a time are what two cores can do in good time.
        maxConcurrency: 3,
        testTimeout: 180_000,
      }),
      project({
        name: 'container',
        include: ['test/container/**/*.test.ts'],
        globalSetup: ['test/container/global-setup.ts'],
        fileParallelism: false,
        // One drill at a time, unless the run is about several: two change each other's timing.
        maxConcurrency: Number(process.env['NOBOUNCE_VERDICTS_AT_ONCE'] ?? 1),
        // A drill takes what the machine gives it; this ends only one that hangs.
        testTimeout: 900_000,
        hookTimeout: 900_000,
      }),
    ],
  },
});
