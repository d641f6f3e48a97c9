import type { StartedTestContainer } from 'testcontainers';
import type { HeadSpec, Volume } from '../stack.js';
import { run } from './exec.js';
import type { DockerService } from './running.js';

const HEAD_PORT = { healthy: 24_007, 'read-only': 24_008, faulty: 24_009, slow: 24_010 } as const;
const CONTROL_TIMEOUT_MS = 15_000;

/** A volume whose array is a container with `array-ctl` in it, mounted by services with `store-ctl` (docs/stacks.md). */
export class ArrayVolume implements Volume {
  readonly name: string;
  readonly proxy: string;
  readonly #array: StartedTestContainer;
  readonly #mounting: readonly DockerService[];

  constructor(name: string, proxy: string, array: StartedTestContainer, mounting: readonly DockerService[]) {
    this.name = name;
    this.proxy = proxy;
    this.#array = array;
    this.#mounting = mounting;
  }

  async openHead(spec: HeadSpec): Promise<string> {
    await this.#control('head', spec.kind, 'up', ...parameters(spec));
    return `array-${this.name}:${String(HEAD_PORT[spec.kind])}`;
  }

  async closeHead(kind: HeadSpec['kind']): Promise<void> {
    await this.#control('head', kind, 'down');
  }

  async crash(): Promise<void> {
    await this.#control('crash');
  }

  async restart(): Promise<void> {
    await this.#control('restart');
  }

  async unmount(): Promise<void> {
    await this.#everyMount('unmount', this.name, '--lazy');
  }

  async mount(): Promise<void> {
    await this.#everyMount('mount', this.name);
  }

  async #control(...args: readonly string[]): Promise<void> {
    await run(this.#array, `array-${this.name}`, ['array-ctl', ...args], CONTROL_TIMEOUT_MS);
  }

  async #everyMount(...args: readonly string[]): Promise<void> {
    await Promise.all(
      this.#mounting.map(({ container, name }) =>
        run(container, name, ['store-ctl', ...args], CONTROL_TIMEOUT_MS),
      ),
    );
  }
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
