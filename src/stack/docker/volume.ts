import type { HeadSpec } from '../../fault/act.js';
import type { StartedTestContainer } from 'testcontainers';
import type { Volume } from '../stack.js';
import type { ContainerStep, StorageStep } from '../undo.js';
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
  readonly #array: Pick<StartedTestContainer, 'getId'>;
  readonly #mounts: Pick<Mounts, 'mounting' | 'unmount' | 'carryOut'>;
  readonly #resident: boolean;

  constructor(
    name: string,
    proxy: string,
    array: Pick<StartedTestContainer, 'getId'>,
    mounts: Pick<Mounts, 'mounting' | 'unmount' | 'carryOut'>,
    resident: boolean,
  ) {
    this.name = name;
    this.proxy = proxy;
    this.#array = array;
    this.#mounts = mounts;
    this.#resident = resident;
  }

  readonly undo: Volume['undo'] = {
    openHead: (kind) => {
      const { command, upstream } = this.#head({ kind: 'healthy' });
      // The resident head has no other to go back to.
      const after = this.#resident ? [] : [this.#step(['head', kind, 'down'])];
      return { before: [this.#step(command)], upstream, after };
    },
    crash: () => [this.#step(['restart'])],
    unmount: () => this.#mounts.mounting(this.name),
  };

  async openHead(spec: HeadSpec): Promise<string> {
    const { command, upstream } = this.#head(spec);
    await this.carryOut(this.#step(command));
    return upstream;
  }

  crash(): Promise<void> {
    return this.carryOut(this.#step(['crash']));
  }

  async unmount(): Promise<void> {
    await this.#mounts.unmount(this.name);
  }

  carryOut(step: StorageStep): Promise<void> {
    if (step.via === 'child') throw new Error(`${step.service} is a container, and no child of the harness`);
    return this.#mounts.carryOut(step);
  }

  #head(spec: HeadSpec): { readonly command: readonly string[]; readonly upstream: string } {
    const head = this.#resident ? 'faulty' : spec.kind;
    return {
      command: ['head', head, 'up', ...(this.#resident ? residentParameters(spec) : parameters(spec))],
      upstream: `array-${this.name}:${String(HEAD_PORT[head])}`,
    };
  }

  #step(args: readonly string[]): ContainerStep {
    return {
      via: 'exec',
      container: this.#array.getId(),
      service: `array-${this.name}`,
      command: ['array-ctl', ...args],
      timeoutMs: CONTROL_TIMEOUT_MS,
    };
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
