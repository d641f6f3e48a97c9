import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { shellWord } from '../report/safe-text.js';
import { NobounceError } from '../errors/errors.js';
import { firstScenario } from './first-scenario.js';
import { STACKS_DIR } from '../drill/paths.js';
import { print } from './output.js';

const HELP = `
Examples:
  nobounce init                                  writes outage.yaml for the stack postfix-dovecot
  nobounce init drills/nfs.yaml                  another file
  nobounce init --copy-stack my-stack            and a copy of that stack's folder, to be made your own
  nobounce init --stack postfix-virtual --copy-stack my-stack`;

function refuseToOverwrite(path: string): void {
  if (!existsSync(path)) return;
  throw new NobounceError('usage', `${path} is there already`, {
    advice: 'name another file, or overwrite it with --force',
  });
}

/** A path as a scenario file names it: from the file's own folder, with slashes. */
function fromFolderOf(file: string, path: string): string {
  const way = relative(dirname(resolve(file)), resolve(path));
  if (way.startsWith('..') || isAbsolute(way)) {
    throw new NobounceError('usage', `${path} is not in the folder of ${file}`, {
      advice: 'a scenario names stacks of its own folder only; of others, run it with --stack',
    });
  }
  return `./${way.split(sep).join('/')}`;
}

export const initCommand = new Command('init')
  .description('write a commented scenario for your own mail stack, to start from')
  .argument('[file]', 'where to write it', 'outage.yaml')
  .option('--stack <stack>', 'the stack that it tests: a name of stacks/, or a folder', 'postfix-dovecot')
  .option('--copy-stack <dir>', "copy that stack's folder to here, and test the copy")
  .option('--force', 'overwrite what is there')
  .addHelpText('after', HELP)
  .action(async (file, { stack, copyStack, force }) => {
    if (!/\.ya?ml$/.test(file))
      throw new NobounceError('usage', `${file}: the name of a scenario file ends with .yaml`);
    const { loadStack } = await import('../stack/definition.js');
    const definition = loadStack(stack, STACKS_DIR);
    if (force !== true) for (const path of [file, copyStack ?? []].flat()) refuseToOverwrite(path);
    const isPath = /[/\\]/.test(stack);
    const tested = copyStack ?? (isPath ? stack : undefined);
    const named = tested === undefined ? stack : fromFolderOf(file, tested);
    const name = basename(file)
      .replace(/\.ya?ml$/, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '');
    await mkdir(dirname(file), { recursive: true });
    if (copyStack !== undefined) {
      const { copyStackTo } = await import('./copy-stack.js');
      const folders = await copyStackTo(definition, copyStack, force === true);
      const what = folders.length === 0 ? '' : `, with ${folders.join(' and ')} from elsewhere`;
      print(`wrote ${join(copyStack, 'stack.yaml')} and what it builds${what} (docs/stacks.md)`);
    }
    await writeFile(file, firstScenario(name === '' ? 'outage' : name, named));
    print(`wrote ${file}\n\nNext:`);
    print(`  npx nobounce validate ${shellWord(file)}\n  npx nobounce run ${shellWord(file)}`);
  });
