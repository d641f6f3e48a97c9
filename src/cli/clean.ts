import { Command } from '@commander-js/extra-typings';
import { connectEngine, sweep } from '../stack/docker/engine.js';
import { sweepWorkDirs } from '../stack/embedded/workdir.js';

export const cleanCommand = new Command('clean')
  .description('remove containers, networks and (with --images) images that nobounce left behind')
  .option('--images', 'the images as well; the next run builds them again')
  .option('--dead', 'only of runs whose process is no more')
  .action(async ({ images, dead }) => {
    // What the embedded stack of a killed run left needs no engine to be found.
    await sweepWorkDirs();
    const swept = await sweep(await connectEngine(), dead ? 'dead' : 'all', images ?? false);
    const all = [...swept.containers, ...swept.networks, ...swept.images];
    for (const name of all) process.stdout.write(`removed ${name}\n`);
    if (all.length === 0) process.stdout.write('nothing to remove\n');
  });
