import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectToxiproxy } from '../../../src/toxiproxy/adapter.js';
import { open } from './tcp.js';

const MAIN = fileURLToPath(new URL('../../../src/toxiproxy/main.ts', import.meta.url));
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toxiproxy-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function start(...args: string[]): { child: ChildProcess; output: () => string; exit: Promise<unknown[]> } {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: 'pipe' });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (text += String(data)));
  return { child, output: () => text, exit: once(child, 'exit') };
}

async function urlOf({ child, output }: ReturnType<typeof start>): Promise<string> {
  while (!output().includes('http')) await once(child.stdout ?? child, 'data');
  return /http:\S+/.exec(output())?.[0] ?? '';
}

describe('main', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serves the proxies of its file until %s, with a live connection',
    async (signal) => {
      const config = join(folder, 'proxies.json');
      await writeFile(config, '[{"name":"a","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"}]');
      const started = start('--host', '127.0.0.1', '--port', '0', '--config', config);
      const toxiproxy = await connectToxiproxy(await urlOf(started));
      const { listen } = await toxiproxy.setEnabled('a', true);
      using client = await open(listen);
      started.child.kill(signal);
      expect(await started.exit).toEqual([0, null]);
      await client.receiveAll();
    },
  );

  it('takes options with one dash, as the original does, and the last of two', async () => {
    const started = start('--port', '8474', '-host=127.0.0.1', '-port', '0', '-proxy-metrics', '-seed=1');
    expect(await urlOf(started)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each([
    [['--version'], 0, 'toxiproxy-server version 2.12.0'],
    [['--help'], 0, 'usage:'],
    [['--nope'], 3, "Unknown option '--nope'"],
    [['--port', '70000'], 3, '--port 70000 is no port'],
    [['--config', '/no/such/file'], 3, 'The list of proxies cannot be read (because: ENOENT'],
    [['--host', '192.0.2.1', '--port', '0'], 4, 'Toxiproxy cannot listen on 192.0.2.1:0'],
  ])('%j ends with %i', async (args, code, text) => {
    const started = start(...args);
    expect(await started.exit).toEqual([code, null]);
    expect(started.output()).toContain(text);
  });
});
