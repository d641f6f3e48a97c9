import type { HeadSpec } from '../../fault/act.js';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Volume } from '../stack.js';
import type { ChildStep, StorageStep } from '../undo.js';
import type { ArrayCommand } from './array/commands.js';
import type { Child } from './child.js';
import type { StoreCommand } from './store/commands.js';

const HOST = '127.0.0.1';
const CONTROL_TIMEOUT_MS = 15_000;
const START_TIMEOUT_MS = 15_000;
const PORT_WAIT_MS = 100;
const PORT_TRIES = 50;
const port = z.number();

/** One volume's array, a process that can be killed and started again on the same folder. */
export class ArrayProcess {
  readonly #start: () => Child;
  #child: Child;
  /** Of the healthy head: a restarted array must be found where it was. */
  #healthyPort = 0;

  constructor(start: () => Child) {
    this.#start = start;
    this.#child = start();
  }

  get healthyPort(): number {
    return this.#healthyPort;
  }

  /** Resolves when the healthy head listens. */
  async up(): Promise<void> {
    await this.#child.until((line) => (line.startsWith('@{"ready"') ? true : undefined), START_TIMEOUT_MS);
    this.#healthyPort = await this.#openHealthy();
  }

  async open(spec: HeadSpec): Promise<number> {
    if (spec.kind === 'healthy') return this.#openHealthy();
    return port.parse(await this.#command({ do: 'open', spec: copyOf(spec), port: 0 }));
  }

  async close(kind: HeadSpec['kind']): Promise<void> {
    await this.#command({ do: 'close', kind });
  }

  async crash(): Promise<void> {
    await this.#child.kill();
  }

  async restart(): Promise<void> {
    if (this.#child.running) return;
    this.#child = this.#start();
    await this.up();
  }

  async #openHealthy(): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      try {
        const command = { do: 'open', spec: { kind: 'healthy' }, port: this.#healthyPort } as const;
        return port.parse(await this.#command(command));
      } catch (error) {
        // Somebody's short-lived connection can have the port for a moment.
        if (tries >= PORT_TRIES || !(error instanceof Error) || !error.message.includes('EADDRINUSE'))
          throw error;
        await delay(PORT_WAIT_MS);
      }
    }
  }

  #command(command: ArrayCommand): Promise<unknown> {
    return this.#child.command(command, CONTROL_TIMEOUT_MS);
  }
}

function copyOf(spec: HeadSpec): Extract<ArrayCommand, { do: 'open' }>['spec'] {
  return spec.kind === 'faulty' ? { ...spec, operations: [...spec.operations] } : spec;
}

/** A volume whose array is a process of this machine, mounted by the store's process. */
export class EmbeddedVolume implements Volume {
  readonly name: string;
  readonly proxy: string;
  readonly #array: ArrayProcess;
  readonly #store: Child;

  constructor(name: string, proxy: string, array: ArrayProcess, store: Child) {
    this.name = name;
    this.proxy = proxy;
    this.#array = array;
    this.#store = store;
  }

  async openHead(spec: HeadSpec): Promise<string> {
    return `${HOST}:${String(await this.#array.open(spec))}`;
  }

  readonly undo: Volume['undo'] = {
    // The healthy head never closes but with the array itself.
    openHead: (kind) => ({
      before: [],
      upstream: `${HOST}:${String(this.#array.healthyPort)}`,
      after: [this.#step({ do: 'close-head', kind })],
    }),
    crash: () => [this.#step({ do: 'restart' })],
    unmount: () => [{ via: 'child', service: 'store', act: { do: 'mount', volume: this.name } }],
  };

  crash(): Promise<void> {
    return this.#array.crash();
  }

  unmount(): Promise<void> {
    return this.#tellStore({ do: 'unmount', volume: this.name });
  }

  carryOut(step: StorageStep): Promise<void> {
    if (step.via !== 'child') throw new Error(`${step.service} is a child of the harness, and no container`);
    switch (step.act.do) {
      case 'close-head':
        return this.#array.close(step.act.kind);
      case 'restart':
        return this.#array.restart();
      case 'mount':
        return this.#tellStore(step.act);
    }
  }

  #step(act: ChildStep['act']): ChildStep {
    return { via: 'child', service: `array-${this.name}`, act };
  }

  async #tellStore(command: StoreCommand): Promise<void> {
    await this.#store.command(command, CONTROL_TIMEOUT_MS);
  }
}
