import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NobounceError } from '../errors/errors.js';
import type { Zero } from './html/axis.js';
import type { Reporter } from './reporter.js';
import { lookOf } from './terminal-look.js';
import { suggestion } from '../scenario/nearest.js';

/** Where reports go, and what a reporter may know of its surroundings. */
export interface Place {
  readonly reportsDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Passes and skipped checks as well, where a reporter folds them. */
  readonly verbose?: boolean;
  /** What the charts of a page count from; the start where nobody says otherwise. */
  readonly zero?: Zero;
  /** The names of all reporters that were asked for. */
  readonly reporters?: readonly string[];
}

/** Each is loaded when it is asked for: what one needs, the others do not wait for. */
const REPORTERS: Readonly<Record<string, (place: Place) => Promise<Reporter>>> = {
  terminal: async ({ env, reportsDir, verbose = false, reporters = [] }) => {
    const { Terminal } = await import('./terminal.js');
    const hasPages = reporters.includes('html');
    const index = hasPages ? join(reportsDir, 'index.html') : null;
    return new Terminal(process.stdout, { ...lookOf(process.stdout.isTTY, env), verbose, hasPages, index });
  },
  html: async ({ reportsDir, zero }) => new (await import('./html-file.js')).HtmlFile(reportsDir, zero),
  debrief: async () => new (await import('./debrief.js')).DebriefFile(),
  junit: async ({ reportsDir }) => new (await import('./junit.js')).JunitFile(reportsDir),
  github: async ({ env }) =>
    new (await import('./github.js')).GitHub(process.stdout, env['GITHUB_STEP_SUMMARY']),
  tap: async () => new (await import('./tap.js')).Tap(process.stdout),
  agent: async () => new (await import('./agent.js')).Agent(process.stdout),
};

export const REPORTER_NAMES: readonly string[] = Object.keys(REPORTERS);

/** A path, or a package: `./ours.js`, `@acme/reporter`, `nobounce-reporter-slack`. */
const MODULE = /^[./@]|[/\\]|^nobounce-reporter-/;

/**
 * Reads `terminal,html`; each name once, in the order given. Modules are looked for later, by `chooseReporters`.
 * @throws NobounceError (`usage`) where there is no such reporter.
 */
export function reporterList(text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  for (const name of names) {
    if (!REPORTER_NAMES.includes(name) && !MODULE.test(name)) {
      const near = suggestion(name, REPORTER_NAMES);
      throw new NobounceError('usage', `there is no reporter ${JSON.stringify(name)}${near}`, {
        advice: `name some of: ${REPORTER_NAMES.join(', ')}; or a module: ./reporter.js, @scope/name, nobounce-reporter-name`,
      });
    }
  }
  return names;
}

/** What a module of a reporter exports by default. */
export type MakeReporter = (place: Place) => Reporter;

/** Whether a module's default export can make a reporter; what it makes is its own business. */
function isMaker(value: unknown): value is MakeReporter {
  return typeof value === 'function';
}

/** A reporter of somebody else's, by the name of its module. */
async function foreignReporter(name: string, place: Place): Promise<Reporter> {
  const isPath = /^[./]|^[A-Za-z]:[/\\]/.test(name);
  const from = isPath ? pathToFileURL(resolve(name)).href : name;
  let exported: unknown;
  try {
    const module: unknown = await import(from);
    exported = typeof module === 'object' && module !== null && 'default' in module ? module.default : null;
  } catch (error) {
    throw new NobounceError('usage', `the reporter ${name} cannot be loaded`, { cause: error });
  }
  if (!isMaker(exported)) {
    throw new NobounceError('usage', `the module ${name} makes no reporter`, {
      advice: 'its default export must be a function that returns one (docs/reports.md)',
    });
  }
  return exported(place);
}

/**
 * The reporters by name, results.json before all: the others may point to it.
 * @throws NobounceError (`usage`) where a module cannot be loaded.
 */
export async function chooseReporters(
  names: readonly string[] | undefined,
  place: Place,
): Promise<readonly Reporter[]> {
  const inActions = place.env['GITHUB_ACTIONS'] === 'true';
  const chosen = names ?? ['terminal', 'html', 'junit', ...(inActions ? ['github'] : [])];
  const known = { ...place, reporters: chosen };
  const reporters = await Promise.all(
    chosen.map((name) => REPORTERS[name]?.(known) ?? foreignReporter(name, known)),
  );
  const { ResultsFile } = await import('./results-file.js');
  const { MailboxesFile } = await import('./mailboxes-file.js');
  return [new ResultsFile(), new MailboxesFile(), ...reporters];
}
