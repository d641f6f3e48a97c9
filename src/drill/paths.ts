import { fileURLToPath } from 'node:url';

/** The folder of the package; scenarios/ and stacks/ lie in it. */
export const PACKAGE_DIR = fileURLToPath(new URL('../../', import.meta.url));
export const STACKS_DIR = fileURLToPath(new URL('../../stacks/', import.meta.url));
export const SCENARIOS_DIR = fileURLToPath(new URL('../../scenarios/', import.meta.url));
