import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_DIR } from './paths.js';

/** Without zod, whose many files a command that only says what is wrong need not open. */
function versionIn(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    const { version } = manifest;
    if (typeof version === 'string') return version;
  }
  throw new Error('package.json names no version');
}

/** The version in package.json. */
export const VERSION = versionIn(JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')));
