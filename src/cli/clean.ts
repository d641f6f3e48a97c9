import { Command, Option } from '@commander-js/extra-typings';
import { complain } from './output.js';

const EXAMPLES = `
A run is alive as long as its harness is, wherever on this engine that runs (docs/architecture.md).

Exit codes: 0 removed, 3 --all without a terminal to ask on, 4 no engine answers or something cannot be removed.`;

export const cleanCommand = new Command('clean')
  .description(
    'remove what dead runs left behind: containers, networks, mounts, folders and, with --images, images',
  )
  .option('--all', 'what belongs to living runs as well, after asking')
  .option('--images', 'the images as well; the next run builds them again')
  .addOption(new Option('--dead', 'what it does anyway').hideHelp())
  .addHelpText('after', EXAMPLES)
  .action(async (options) => {
    complain('looking for what runs left');
    const { removeLeftovers } = await import('./remove-leftovers.js');
    await removeLeftovers(options);
  });
