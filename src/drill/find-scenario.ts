import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NobounceError } from '../errors/errors.js';
import { suggestion } from '../scenario/nearest.js';
import { SCENARIOS_DIR } from './paths.js';

/** The names of the scenarios that come with nobounce. */
export function scenarioNames(): readonly string[] {
  return readdirSync(SCENARIOS_DIR)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** The file of a scenario given by name or path. Throws a usage error with the nearest name. */
export function scenarioFile(nameOrPath: string): string {
  if (/\.ya?ml$/.test(nameOrPath) || /[/\\]/.test(nameOrPath)) return nameOrPath;
  const file = join(SCENARIOS_DIR, `${nameOrPath}.yaml`);
  if (existsSync(file)) return file;
  const near = suggestion(nameOrPath, scenarioNames());
  throw new NobounceError('usage', `there is no scenario ${JSON.stringify(nameOrPath)}${near}`, {
    advice: '`nobounce list` shows them all; a file is given by its path, such as ./my-outage.yaml',
  });
}
