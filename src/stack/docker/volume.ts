import type { HeadSpec } from '../../fault/act.js';
import type { StartedTestContainer } from 'testcontainers';
import type { Volume } from '../stack.js';
import { run } from './exec.js';
import type { Mounts } from './mounts.js';

const HEAD_PORT = { healthy: 24_007, 'read-only': 24_008, faulty: 24_009, slow: 24_010 } as const;
const CONTROL_TIMEOUT_MS = 15_000;

/** What fails on a read-only file system (EROFS), by the names of `array-ctl`. */
const CHANGES = ['write', 'truncate', 'create', 'rename', 'link', 'unlink', 'mkdir'];

/**
 * Where the link of a volume leads before anything breaks. `resident`: to the head that can be made to fail, while
 * nothing fails on it. A bug in the array's operating system or a full disk comes without a failover; a change of head
 * closes connections, and a connection cut in the middle of a commit does damage of its own (docs/faults.md).
 */
export async function firstUpstream(
  volume: string,
  array: StartedTestContainer,
  resident: boolean,
): Promise<string> {
  if (!resident) return `array-${volume}:${String(HEAD_PORT.healthy)}`;
  await run(array, `array-${volume}`, ['array-ctl', 'head', 'faulty', 'up', '--dormant'], CONTROL_TIMEOUT_MS);
  return `array-${volume}:${String(HEAD_PORT.faulty)}`;
}

/** A volume whose array is a container with `array-ctl` in it (docs/stacks.md), and its mount. */
export class ArrayVolume implements Volume {
  readonly name: string;
  readonly proxy: string;
  readonly #array: StartedTestContainer;
  readonly #mounts: Mounts;
  readonly #resident: boolean;

  constructor(name: string, proxy: string, array: StartedTestContainer, mounts: Mounts, resident: boolean) {
    this.name = name;
    this.proxy = proxy;
    this.#array = array;
    this.#mounts = mounts;
    this.#resident = resident;
  }

  async openHead(spec: HeadSpec): Promise<string> {
    if (this.#resident) {
      await this.#control('head', 'faulty', 'up', ...residentParameters(spec));
      return `array-${this.name}:${String(HEAD_PORT.faulty)}`;
    }
    await this.#control('head', spec.kind, 'up', ...parameters(spec));
    return `array-${this.name}:${String(HEAD_PORT[spec.kind])}`;
  }

  async closeHead(kind: HeadSpec['kind']): Promise<void> {
    if (this.#resident) return;
    await this.#control('head', kind, 'down');
  }

  async crash(): Promise<void> {
    await this.#control('crash');
  }

  async restart(): Promise<void> {
    await this.#control('restart');
  }

  async unmount(): Promise<void> {
    await this.#mounts.unmount(this.name);
  }

  async mount(): Promise<void> {
    await this.#mounts.mount(this.name);
  }

  async #control(...args: readonly string[]): Promise<void> {
    await run(this.#array, `array-${this.name}`, ['array-ctl', ...args], CONTROL_TIMEOUT_MS);
  }
}

function residentParameters(spec: HeadSpec): readonly string[] {
  if (spec.kind === 'healthy') return ['--dormant'];
  if (spec.kind === 'faulty') return parameters(spec);
  if (spec.kind === 'slow') throw new Error('a slow head is a head of its own');
  return parameters({ kind: 'faulty', errno: 'EROFS', operations: CHANGES, probability: 1 });
}

function parameters(spec: HeadSpec): readonly string[] {
  switch (spec.kind) {
    case 'healthy':
    case 'read-only':
      return [];
    case 'faulty':
      return [
        '--errno',
        spec.errno,
        '--operations',
        spec.operations.join(','),
        '--probability',
        String(spec.probability),
      ];
    case 'slow':
      return [
        '--delay-us',
        String(Math.round(spec.delayMs * 1_000)),
        '--percent',
        String(Math.round(spec.share * 100)),
      ];
  }
}
