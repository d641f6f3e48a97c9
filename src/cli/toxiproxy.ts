import { Command } from '@commander-js/extra-typings';
import { wholeNumber } from './options.js';

export const toxiproxyCommand = new Command('toxiproxy')
  .description('run the built-in Toxiproxy server (docs/toxiproxy.md)')
  .option('--host <address>', 'where its API listens', '127.0.0.1')
  .option('--port <number>', 'the port of its API; 0 lets the system choose', wholeNumber, 8474)
  .option('--allow-host <names...>', 'names with dots by which clients call its API; * for any')
  .option('--config <file>', 'proxies to create at the start, as JSON')
  .addHelpText('after', '\nExample:\n  nobounce toxiproxy --port 8474 --config proxies.json')
  .action(async ({ host, port, allowHost, config }) => {
    const { runStandalone } = await import('../toxiproxy/standalone.js');
    await runStandalone({
      host,
      port,
      allowedHosts: allowHost ?? [],
      ...(config === undefined ? {} : { configPath: config }),
    });
  });
