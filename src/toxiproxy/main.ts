import { parseArgs } from 'node:util';
import { describeError, EXIT_CODE, NobounceError } from '../errors/errors.js';
import { TOXIPROXY_VERSION } from './api.js';
import { runStandalone } from './standalone.js';

const USAGE = `usage: main.js [--host HOST] [--port PORT] [--allow-host NAME]... [--config FILE] [--version]

A Toxiproxy server. Requests must call it by an address, localhost, a name without a dot, or a name given
with --host, --allow-host (* for any) or NOBOUNCE_TOXIPROXY_ALLOW_HOSTS (separated by commas). Options may be written with one dash, as the original's are; its --seed,
--proxy-metrics and --runtime-metrics are accepted and change nothing.
`;

/** The entry of the container image: it must need nothing but Node.js and this folder. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: args.map((arg) => arg.replace(/^-(?=[a-z]{2})/, '--')),
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        'allow-host': { type: 'string', multiple: true, default: [] },
        config: { type: 'string' },
        seed: { type: 'string' },
        'proxy-metrics': { type: 'boolean' },
        'runtime-metrics': { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) process.stdout.write(USAGE);
    else if (values.version === true) process.stdout.write(`toxiproxy-server version ${TOXIPROXY_VERSION}\n`);
    else {
      await runStandalone({
        allowedHosts: values['allow-host'],
        ...(values.host === undefined ? {} : { host: values.host }),
        ...(values.port === undefined ? {} : { port: readPort(values.port) }),
        ...(values.config === undefined ? {} : { configPath: values.config }),
      });
    }
    return EXIT_CODE.pass;
  } catch (error) {
    const advice = error instanceof NobounceError ? error.advice : USAGE;
    process.stderr.write(`error: ${describeError(error)}\n${advice ?? ''}\n`);
    return error instanceof NobounceError ? error.exitCode : EXIT_CODE.usage;
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new NobounceError('usage', `--port ${text} is no port`, {
      advice: 'Give a number from 0 to 65535.',
    });
  }
  return port;
}

process.exitCode = await main(process.argv.slice(2));
