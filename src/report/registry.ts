import { NobounceError } from '../errors/errors.js';
import { Agent } from './agent.js';
import { GitHub } from './github.js';
import { HtmlFile } from './html-file.js';
import { JunitFile } from './junit.js';
import type { Reporter } from './reporter.js';
import { MailboxesFile } from './mailboxes-file.js';
import { ResultsFile } from './results-file.js';
import { Tap } from './tap.js';
import { Terminal } from './terminal.js';
import { suggestion } from '../scenario/nearest.js';

interface Place {
  readonly reportsDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const REPORTERS: Readonly<Record<string, (place: Place) => Reporter>> = {
  terminal: ({ env }) => {
    const colour = process.stdout.isTTY && env['NO_COLOR'] === undefined;
    return new Terminal(process.stdout, colour || env['FORCE_COLOR'] !== undefined);
  },
  html: ({ reportsDir }) => new HtmlFile(reportsDir),
  junit: ({ reportsDir }) => new JunitFile(reportsDir),
  github: ({ env }) => new GitHub(process.stdout, env['GITHUB_STEP_SUMMARY']),
  tap: () => new Tap(process.stdout),
  agent: () => new Agent(process.stdout),
};

export const REPORTER_NAMES: readonly string[] = Object.keys(REPORTERS);

/**
 * Reads `terminal,html`; each name once, in the order given.
 * @throws NobounceError (`usage`) where there is no such reporter.
 */
export function reporterList(text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  for (const name of names) {
    if (!REPORTER_NAMES.includes(name)) {
      const near = suggestion(name, REPORTER_NAMES);
      throw new NobounceError('usage', `there is no reporter ${JSON.stringify(name)}${near}`, {
        advice: `name some of: ${REPORTER_NAMES.join(', ')}`,
      });
    }
  }
  return names;
}

/** The reporters by name, results.json before all: the others may point to it. */
export function chooseReporters(names: readonly string[] | undefined, place: Place): readonly Reporter[] {
  const inActions = place.env['GITHUB_ACTIONS'] === 'true';
  const chosen = names ?? ['terminal', 'html', 'junit', ...(inActions ? ['github'] : [])];
  return [
    new ResultsFile(),
    new MailboxesFile(),
    ...chosen.flatMap((name) => REPORTERS[name]?.(place) ?? []),
  ];
}
