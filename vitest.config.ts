import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      // Generous: what takes half a second alone takes ten times that on a busy machine.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'defects', include: ['test/defects/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 180_000 } },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'embedded',
          include: ['test/embedded/**/*.test.ts'],
          fileParallelism: false,
          // Each drill is some ten processes: three at a time are what two cores can do in good time.
          maxConcurrency: 3,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'container',
          include: ['test/container/**/*.test.ts'],
          globalSetup: ['test/container/global-setup.ts'],
          fileParallelism: false,
          // Three small stacks at a time: more would measure the two cores and not the stacks.
          maxConcurrency: 3,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
