import { NobounceError } from '../../errors/errors.js';
import type { Plan } from '../../scenario/plan.js';
import type { DockerStack } from '../definition.js';
import type { RunningStack, StartRequest } from '../stack.js';
import { keepsTime, movesClocks } from './movable.js';

/** Starts a stack in containers. What talks to the engine takes its time to load, and is loaded when it starts. */
export class DockerDriver {
  readonly name = 'docker';
  readonly stackName: string;
  readonly stackTitle: string;
  readonly #stack: DockerStack;

  constructor(stack: DockerStack) {
    this.#stack = stack;
    this.stackName = stack.name;
    this.stackTitle = stack.title;
  }

  require(plan: Plan): void {
    if (!movesClocks(plan)) return;
    const fixed = Object.entries(this.#stack.services).filter(
      ([, { role, clock }]) => keepsTime(role) && clock === 'fixed',
    );
    if (fixed.length === 0) return;
    const names = fixed.map(([name]) => name).join(', ');
    throw new NobounceError(
      'environment',
      `the scenario advances the time, but the clock of ${names} in the stack ${this.stackName} cannot be moved`,
      { advice: 'docs/time-travel.md says what a service needs for `clock: movable` in its stack.yaml' },
    );
  }

  async start(request: StartRequest): Promise<RunningStack> {
    const { startStack } = await import('./start.js');
    return startStack(this.#stack, request);
  }
}
