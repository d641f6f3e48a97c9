import { InvalidArgumentError } from '@commander-js/extra-typings';
import { Agent } from '../report/agent.js';
import { GitHub } from '../report/github.js';
import { HtmlFile } from '../report/html-file.js';
import { JunitFile } from '../report/junit.js';
import type { Reporter } from '../report/reporter.js';
import { MailboxesFile } from '../report/mailboxes-file.js';
import { ResultsFile } from '../report/results-file.js';
import { Tap } from '../report/tap.js';
import { Terminal } from '../report/terminal.js';
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

/** Reads `terminal,html`; each name once, in the order given. */
export function reporterList(text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  for (const name of names) {
    if (!REPORTER_NAMES.includes(name)) {
      const near = suggestion(name, REPORTER_NAMES);
      throw new InvalidArgumentError(`there is no reporter ${JSON.stringify(name)}${near}`);
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
