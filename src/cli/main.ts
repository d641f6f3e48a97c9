#!/usr/bin/env node
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { requireOpenFiles } from '../errors/descriptors.js';
import { describeError, EXIT_CODE, NobounceError } from '../errors/errors.js';
import { VERSION } from '../drill/version.js';
import { complain, outliveReaders, outputIsIncomplete } from './output.js';

const COMMANDS: Readonly<Record<string, () => Promise<CommandUnknownOpts>>> = {
  run: async () => (await import('./run.js')).runCommand,
  gameday: async () => (await import('./gameday.js')).gamedayCommand,
  horizon: async () => (await import('./horizon.js')).horizonCommand,
  replay: async () => (await import('./replay.js')).replayCommand,
  check: async () => (await import('./check.js')).checkCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  report: async () => (await import('./report.js')).reportCommand,
  show: async () => (await import('./show.js')).showCommand,
  init: async () => (await import('./init.js')).initCommand,
  list: async () => (await import('./list.js')).listCommand,
  validate: async () => (await import('./validate.js')).validateCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  clean: async () => (await import('./clean.js')).cleanCommand,
  schema: async () => (await import('./schema.js')).schemaCommand,
  toxiproxy: async () => (await import('./toxiproxy.js')).toxiproxyCommand,
};

const program = new Command('nobounce')
  .description('When the storage under your mail goes away, does your mail stack keep its promises?')
  .version(VERSION)
  .showHelpAfterError('(`nobounce --help` shows what there is)')
  .showSuggestionAfterError()
  .addHelpText('after', '\nStart here:\n  nobounce doctor\n  nobounce run vendor-os-bug');

// Loading every command takes a second: only the one asked for is loaded. Help, and a mistake, need them all.
const [, , asked = ''] = process.argv;
const one = Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined;

/** For connections that are being closed. */
const LINGER_MS = 3_000;
/** For its code to be loaded; a run asks for more. */
const OPEN_FILES = 128;

/** Tells how nobounce itself failed. */
function fail(error: unknown): void {
  const told = error instanceof Error ? (error.stack ?? error.message) : describeError(error);
  complain(`nobounce itself failed: ${told}`);
  process.exitCode = EXIT_CODE.harness;
}

process.on('uncaughtException', (error) => {
  // A run that is going on takes it, and heals and tears down first.
  if (process.listenerCount('uncaughtException') > 1) return;
  fail(error);
  process.exit();
});

outliveReaders();

try {
  requireOpenFiles(OPEN_FILES, 'nobounce');
  for (const load of one === undefined ? Object.values(COMMANDS) : [one]) {
    program.addCommand((await load()).exitOverride());
  }
  await program.exitOverride().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODE.usage;
  else if (error instanceof NobounceError) {
    complain(describeError(error));
    if (error.advice !== undefined) complain(`  → ${error.advice}`);
    process.exitCode = error.exitCode;
  } else fail(error);
}

if (outputIsIncomplete() && Number(process.exitCode ?? 0) === EXIT_CODE.pass)
  process.exitCode = EXIT_CODE.harness;

// An engine that does not answer must not keep a process whose work is over.
if (['run', 'gameday', 'horizon', 'clean', 'doctor'].includes(asked)) {
  setTimeout(() => {
    process.exit();
  }, LINGER_MS).unref();
}
