import type { DockerStack } from '../definition.js';
import type { Capability, Driver, Lack } from '../driver.js';
import type { RunningStack, StartRequest } from '../stack.js';
import { keepsTime } from './movable.js';

/** Starts a stack in containers. What talks to the engine takes its time to load, and is loaded when it starts. */
export class DockerDriver implements Driver {
  readonly name = 'docker';
  readonly stackName: string;
  readonly stackTitle: string;
  readonly #stack: DockerStack;

  constructor(stack: DockerStack) {
    this.#stack = stack;
    this.stackName = stack.name;
    this.stackTitle = stack.title;
  }

  lack(capability: Capability): Lack | null {
    if (capability !== 'movable-clocks') return null;
    const fixed = Object.entries(this.#stack.services).filter(
      ([, { role, clock }]) => keepsTime(role) && clock === 'fixed',
    );
    if (fixed.length === 0) return null;
    return {
      why: `the clock of ${fixed.map(([name]) => name).join(', ')} cannot be moved`,
      instead: 'docs/time-travel.md says what a service needs for `clock: movable` in its stack.yaml',
    };
  }

  async start(request: StartRequest): Promise<RunningStack> {
    const { startStack } = await import('./start.js');
    return startStack(this.#stack, request);
  }
}
