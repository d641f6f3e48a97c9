import { connectEngine } from '../../src/stack/docker/engine.js';

/** Set where a machine must have Docker: then its absence is a failure, not a reason to skip. */
const REQUIRED = process.env['NOBOUNCE_REQUIRE_CONTAINERS'] === '1';

declare module 'vitest' {
  interface ProvidedContext {
    docker: boolean;
  }
}

/** Finds out once whether the container suites can run, and says so where they cannot. */
export default async function setup(project: {
  provide: (key: 'docker', value: boolean) => void;
}): Promise<void> {
  try {
    await connectEngine();
    project.provide('docker', true);
  } catch (error) {
    if (REQUIRED) throw error;
    project.provide('docker', false);
    console.warn(
      '\n  LEFT OUT: the container suites (test/container). No Docker engine answers.\n' +
        '  `nobounce doctor` says what to do; NOBOUNCE_REQUIRE_CONTAINERS=1 makes this a failure.\n',
    );
  }
}
