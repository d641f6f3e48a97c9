import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError, NobounceError } from '../../errors/errors.js';
import { connectToxiproxy, type Toxiproxy } from '../../toxiproxy/adapter.js';
import type { EmbeddedStack } from '../definition.js';
import type { Capability, Driver, Lack } from '../driver.js';
import { all, linkName, newAccounts, sweepFirst } from '../start.js';
import type { Account, Address, RunningStack, ServiceInfo, StartRequest } from '../stack.js';
import { isServed } from './array/protocol.js';
import { Child, type Exit } from './child.js';
import { Deaths } from './deaths.js';
import { readyPorts } from './mta/events.js';
import { findHaraka, writeHarakaFolder } from './mta/haraka.js';
import { QueueFolder } from './mta/queue.js';
import { RunningEmbeddedStack, type VolumePlace } from './running.js';
import { storeReady, type StoreSetup } from './store/commands.js';
import { ArrayProcess, EmbeddedVolume } from './volume.js';
import { makeWorkDir, sweepWorkDirs } from './workdir.js';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;
const OUTSIDE_TRIES = 5;
/** Of each process's heap: enough for a message of 64 MiB in several forms, and little beside a machine's. */
const MEMORY_MIB = 1_024;
/** How long a soft mount waits for a silent array. */
const SOFT_MOUNT_MS = 10_000;

/** Who has what this driver lacks. */
const ON_CONTAINERS =
  'the driver docker has it: run a stack of containers, with `--driver docker` or another `--stack`';

const LIFELINE = new URL('./lifeline.js', import.meta.url).href;

/** A file of our compiled code, from this one's folder. */
function compiled(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Starts a stack's services as processes of this machine: nothing but Node.js is needed, and no root. */
export class EmbeddedDriver implements Driver {
  readonly name = 'embedded';
  readonly stackName: string;
  readonly stackTitle: string;
  readonly #stack: EmbeddedStack;

  constructor(stack: EmbeddedStack) {
    this.#stack = stack;
    this.stackName = stack.name;
    this.stackTitle = stack.title;
  }

  lack(capability: Capability): Lack | null {
    const why = this.#why(capability);
    return why === null ? null : { why, instead: ON_CONTAINERS };
  }

  #why(capability: Capability): string | null {
    switch (capability) {
      case 'movable-clocks':
        return "the clocks of this machine's processes cannot be moved";
      case 'outside-mtas':
        return 'its correspondents have no MTA of their own';
      case 'toxiproxy-images':
        return 'it runs the built-in Toxiproxy';
      default:
        return isServed(capability.replace(/^failing-/, '')) ? null : 'its array has no such operation';
    }
  }

  async start(request: StartRequest): Promise<RunningStack> {
    await sweepFirst(sweepWorkDirs, request);
    return new Start(this.#stack, request).run();
  }
}

/** One start of a stack. */
class Start {
  readonly #stack: EmbeddedStack;
  readonly #request: StartRequest;
  readonly #accounts: readonly Account[];
  readonly #children: Child[] = [];
  readonly #deaths = new Deaths();
  #dir = '';
  #stopping = false;

  constructor(stack: EmbeddedStack, request: StartRequest) {
    this.#stack = stack;
    this.#request = request;
    this.#accounts = newAccounts(request.plan);
  }

  async run(): Promise<RunningStack> {
    const { keep, onTeardown, progress, plan } = this.#request;
    const { path: dir, release } = await makeWorkDir(keep);
    this.#dir = dir;
    onTeardown('end processes', STOP_TIMEOUT_MS, async () => {
      this.#stopping = true;
      await Promise.all(this.#children.map((child) => child.kill()));
      release();
      if (keep) progress(`the volumes and the queue are kept in ${dir}; the processes have ended`);
      else await rm(dir, { recursive: true, force: true });
    });
    progress('starting processes');
    const haraka = await findHaraka();
    const places = plan.volumes.map((volume) => ({
      volume,
      brick: join(dir, 'arrays', volume),
      mountPoint: join(dir, 'mounts', volume),
    }));
    const outsideStarting = this.#outside();
    const linking = this.#storage(places);
    await all([outsideStarting, linking]);
    const [outside, { toxiproxy, arrays, links }] = [await outsideStarting, await linking];
    const store = this.#store(places, links);
    const storePorts = await store.until((line) => {
      if (!line.startsWith('@{"ready"')) return undefined;
      return storeReady.parse(JSON.parse(line.slice(1))).ready;
    }, START_TIMEOUT_MS);
    const mtaDir = join(dir, 'mta');
    const { plugin } = this.#stack.mta;
    await writeHarakaFolder(
      mtaDir,
      { entry: haraka.entry, plugin },
      {
        domains: plan.scenario.domains.map(({ name }) => name),
        accounts: this.#accounts,
        store: { host: HOST, port: storePorts.lmtp },
        outside: outside.address,
        retry: this.#stack.mta.retry,
      },
    );
    const mta = this.#child('mta', ['--import', LIFELINE, haraka.entry], { HARAKA: mtaDir }, mtaDir);
    const mtaPorts = await mta.until(readyPorts, START_TIMEOUT_MS);
    const volumes = places.map(({ volume }): [string, EmbeddedVolume] => {
      const array = arrays.get(volume);
      if (array === undefined) throw new NobounceError('harness', `the volume ${volume} has no array`);
      return [volume, new EmbeddedVolume(volume, linkName(volume), array, store)];
    });
    const version = await toxiproxy.version();
    return new RunningEmbeddedStack({
      definition: this.#stack,
      toxiproxy,
      toxiproxyTitle: `built-in Toxiproxy ${version.version}`,
      infos: this.#infos(haraka.version),
      endpoints: {
        mx: { host: HOST, port: mtaPorts.mx },
        submission: { host: HOST, port: mtaPorts.submission },
        imap: { host: HOST, port: storePorts.imap },
      },
      accounts: this.#accounts,
      volumes: new Map(volumes),
      places,
      store,
      mta,
      outside: outside.child,
      deaths: this.#deaths,
      queue: new QueueFolder(join(mtaDir, 'queue')),
    });
  }

  /** Arrays, Toxiproxy, and the links between it and them. */
  async #storage(places: readonly VolumePlace[]): Promise<{
    toxiproxy: Toxiproxy;
    arrays: ReadonlyMap<string, ArrayProcess>;
    links: ReadonlyMap<string, Address>;
  }> {
    const arrays = new Map<string, ArrayProcess>();
    for (const { volume, brick } of places) {
      await mkdir(brick, { recursive: true });
      const script = compiled('./array/main.js');
      arrays.set(
        volume,
        new ArrayProcess(() => this.#child(`array-${volume}`, [script, brick], {}, this.#dir)),
      );
    }
    const starting = this.#toxiproxy();
    await all([...[...arrays.values()].map((array) => array.up()), starting]);
    const toxiproxy = await starting;
    const links = new Map<string, Address>();
    for (const [volume, array] of arrays) {
      const { listen } = await toxiproxy.createProxy({
        name: linkName(volume),
        listen: `${HOST}:0`,
        upstream: `${HOST}:${String(array.healthyPort)}`,
      });
      links.set(volume, { host: HOST, port: Number(listen.slice(listen.lastIndexOf(':') + 1)) });
    }
    return { toxiproxy, arrays, links };
  }

  async #toxiproxy(): Promise<Toxiproxy> {
    const script = compiled('../../toxiproxy/main.js');
    const args = ['--import', LIFELINE, script, '--host', HOST, '--port', '0'];
    const child = this.#child('toxiproxy', args, {}, this.#dir);
    const url = await child.until((line) => /listens on (http:\S+)/.exec(line)?.[1], START_TIMEOUT_MS);
    return connectToxiproxy(url);
  }

  #store(places: readonly VolumePlace[], links: ReadonlyMap<string, Address>): Child {
    const setup: StoreSetup = {
      volumes: places.map(({ volume, mountPoint }) => {
        const link = links.get(volume);
        if (link === undefined) throw new NobounceError('harness', `the volume ${volume} has no link`);
        return { name: volume, ...link, mountPoint };
      }),
      silenceMs: this.#request.plan.scenario.storage.mount === 'hard' ? null : SOFT_MOUNT_MS,
      accounts: this.#accounts.map((account) => ({ ...account })),
    };
    const environment = { NOBOUNCE_STORE: JSON.stringify(setup), NOBOUNCE_STORE_DEFECT: defect() };
    return this.#child('store', [compiled('./store/main.js')], environment, this.#dir);
  }

  /** It is told its port, so a free one is looked for; somebody else may take it first. */
  async #outside(): Promise<{ child: Child; address: Address }> {
    const script = compiled('../../traffic/outside/main.js');
    for (let tries = 1; ; tries += 1) {
      const address = { host: HOST, port: await freePort() };
      const environment = { OUTSIDE_HOST: HOST, OUTSIDE_PORT: String(address.port) };
      const child = this.#child('outside', ['--import', LIFELINE, script], environment, this.#dir);
      try {
        await child.until((line) => (line === 'nobounce: ready' ? true : undefined), START_TIMEOUT_MS);
        return { child, address };
      } catch (error) {
        if (tries >= OUTSIDE_TRIES || !describeError(error).includes('EADDRINUSE')) throw error;
        await child.kill();
      }
    }
  }

  #child(name: string, args: readonly string[], env: Record<string, string>, cwd: string): Child {
    this.#request.signal.throwIfAborted();
    if (this.#stopping) throw new NobounceError('interrupted', 'the stack is being torn down');
    const died = (exit: Exit): void => {
      this.#deaths.add(name, exit);
    };
    const child = new Child({
      name,
      args,
      env,
      cwd,
      logsDir: this.#request.logsDir,
      memoryMib: MEMORY_MIB,
      died,
    });
    this.#children.push(child);
    return child;
  }

  #infos(haraka: string): readonly ServiceInfo[] {
    const node = process.versions.node;
    const arrays = this.#request.plan.volumes.map((volume) => `array-${volume}`);
    const plain = [...arrays, 'toxiproxy', 'outside'].map((name) => ({
      name,
      image: 'process',
      versions: { node },
    }));
    const broken = defect();
    return [
      ...plain,
      { name: 'store', image: 'process', versions: broken === '' ? { node } : { node, defect: broken } },
      { name: 'mta', image: 'process', versions: { node, Haraka: haraka } },
    ];
  }
}

/** The defect that the model store is to have, for the tests of the drill itself. */
function defect(): string {
  return process.env['NOBOUNCE_STORE_DEFECT'] ?? '';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => {
        resolve(address === null || typeof address === 'string' ? 0 : address.port);
      });
    });
  });
}
