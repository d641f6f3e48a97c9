#!/usr/bin/env node
import { Command, CommanderError } from '@commander-js/extra-typings';
import { describeError, EXIT_CODE, NobounceError } from '../errors/errors.js';
import { checkCommand } from './check.js';
import { cleanCommand } from './clean.js';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { horizonCommand } from './horizon.js';
import { listCommand } from './list.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { schemaCommand } from './schema.js';
import { toxiproxyCommand } from './toxiproxy.js';
import { validateCommand } from './validate.js';
import { VERSION } from './version.js';

const program = new Command('nobounce')
  .description('When the storage under your mail goes away, does your mail stack keep its promises?')
  .version(VERSION)
  .showHelpAfterError('(`nobounce --help` shows what there is)')
  .showSuggestionAfterError()
  .addHelpText('after', '\nStart here:\n  nobounce doctor\n  nobounce run vendor-os-bug');

for (const command of [
  runCommand,
  horizonCommand,
  checkCommand,
  compareCommand,
  reportCommand,
  listCommand,
  validateCommand,
  doctorCommand,
  cleanCommand,
  schemaCommand,
  toxiproxyCommand,
]) {
  program.addCommand(command.exitOverride());
}

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODE.usage;
  else if (error instanceof NobounceError) {
    process.stderr.write(`${describeError(error)}\n`);
    if (error.advice !== undefined) process.stderr.write(`  → ${error.advice}\n`);
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(
      `nobounce itself failed: ${error instanceof Error ? (error.stack ?? error.message) : describeError(error)}\n`,
    );
    process.exitCode = EXIT_CODE.harness;
  }
}
