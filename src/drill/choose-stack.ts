import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, NobounceError } from '../errors/errors.js';
import type { LoadedScenario } from '../scenario/load.js';
import { loadStack, type StackDefinition } from '../stack/definition.js';
import { thisMachine } from '../stack/docker/docker-config.js';
import { namedEndpoint } from '../stack/docker/endpoint.js';
import { findEngine } from '../stack/docker/reach.js';
import { SCENARIOS_DIR, STACKS_DIR } from './paths.js';
import { isOwnStack, scenarioStack } from './scenario-stack.js';

/** What runs where there is no Docker. */
const EMBEDDED_STACK = 'embedded';

/** What the user said about the stack to test. */
export interface StackWish {
  readonly stack?: string | undefined;
  /** `auto`: containers where an engine answers, else the embedded stack. */
  readonly driver?: 'docker' | 'embedded' | 'auto' | undefined;
}

/** The stack that a drill tests. */
export interface ChosenStack {
  readonly definition: StackDefinition;
  /** As `--stack` names it; null where it is the scenario's own. */
  readonly named: string | null;
  /** Where it is not the one that the scenario names: that one, and why. */
  readonly insteadOf: { readonly of: string; readonly because: string } | null;
}

/** A scenario and the stack that it is tested on. */
export interface Drill {
  readonly loaded: LoadedScenario;
  readonly stack: ChosenStack;
}

/** Where a drill runs. */
export interface Surroundings {
  /** Somebody reads that another stack was tested than the one asked for: no pipeline, and no test. */
  readonly isAttended: boolean;
  /** Rejects with a NobounceError (`environment`) where no engine can be used. */
  readonly requireEngine: () => Promise<void>;
  /** Whether somebody said where the engine is. */
  readonly engineIsNamed: () => boolean;
}

/** Whether the variable CI says that this is a pipeline. */
function isPipeline({ CI: ci }: NodeJS.ProcessEnv): boolean {
  return ci !== undefined && !['', '0', 'false'].includes(ci.toLowerCase());
}

/** This process's surroundings; the engine is looked for once. */
export function surroundings(): Surroundings {
  let finding: Promise<unknown> | undefined;
  return {
    isAttended: !isPipeline(process.env),
    requireEngine: async () => {
      finding ??= findEngine(thisMachine());
      await finding;
    },
    engineIsNamed: () => namedEndpoint(thisMachine()) !== null,
  };
}

/** Whether a scenario comes with nobounce. */
function isShipped({ file }: LoadedScenario): boolean {
  try {
    return dirname(realpathSync(file)) === realpathSync(SCENARIOS_DIR);
  } catch {
    // A scenario that was built in code has no file.
    return false;
  }
}

/**
 * The stack that the user and the scenario name, whether or not it can run here.
 * @throws NobounceError (`usage`) where there is none, or it is not of the driver that was asked for.
 */
export function askedFor(loaded: LoadedScenario, { stack, driver }: StackWish): ChosenStack {
  if (stack === undefined && driver === 'embedded') {
    const own = scenarioStack(loaded);
    if (own.driver === 'embedded') return { definition: own, named: null, insteadOf: null };
    if (isOwnStack(loaded)) {
      throw new NobounceError(
        'usage',
        `${loaded.file} tests a stack of its own, ${loaded.scenario.stack}, and --driver embedded would test another`,
        {
          advice:
            'leave --driver embedded out; to test the embedded stack all the same, say --stack embedded',
        },
      );
    }
    const definition = loadStack(EMBEDDED_STACK, STACKS_DIR);
    return {
      definition,
      named: EMBEDDED_STACK,
      insteadOf: { of: own.name, because: 'the driver embedded was asked for' },
    };
  }
  const definition = stack === undefined ? scenarioStack(loaded) : loadStack(stack, STACKS_DIR);
  if (driver !== undefined && driver !== 'auto' && driver !== definition.driver) {
    throw new NobounceError('usage', `the stack ${definition.name} runs on the driver ${definition.driver}`, {
      advice: `leave --driver ${driver} out, or name another --stack`,
    });
  }
  return { definition, named: stack ?? null, insteadOf: null };
}

/** Whether another stack may run in the place of the one asked for, for want of an engine. */
function mayFallBack(
  loaded: LoadedScenario,
  { stack, driver }: StackWish,
  { isAttended, engineIsNamed }: Surroundings,
): boolean {
  if (stack !== undefined || isOwnStack(loaded)) return false;
  if (driver === 'auto') return true;
  return driver === undefined && isShipped(loaded) && isAttended && !engineIsNamed();
}

/** What can be done without an engine, beside mending it. */
function advice(loaded: LoadedScenario, { stack }: StackWish, own: string | undefined): string | undefined {
  if (stack !== undefined || isOwnStack(loaded)) return own;
  const other = '`--driver embedded` tests the embedded stack instead';
  return own === undefined ? other : `${own}; ${other}`;
}

/**
 * Which stack each scenario is tested on. The embedded stack stands in for another one only where `--driver auto` says so,
 * or for a scenario that comes with nobounce when nobody named a driver, a stack or an engine, and no pipeline runs it;
 * never for a scenario with a stack of its own.
 * @throws NobounceError `usage` where a stack is named wrongly, of whichever scenario; then `environment` where the engine
 * that one needs cannot be used.
 */
export async function chooseDrills(
  scenarios: readonly LoadedScenario[],
  wish: StackWish,
  around: Surroundings,
): Promise<readonly Drill[]> {
  const asked = scenarios.map((loaded): Drill => ({ loaded, stack: askedFor(loaded, wish) }));
  const drills: Drill[] = [];
  for (const drill of asked) drills.push(await orEmbedded(drill, wish, around));
  return drills;
}

async function orEmbedded(asked: Drill, wish: StackWish, around: Surroundings): Promise<Drill> {
  const { loaded } = asked;
  const { definition } = asked.stack;
  if (definition.driver === 'embedded') return asked;
  try {
    await around.requireEngine();
    return asked;
  } catch (error) {
    if (!(error instanceof NobounceError)) throw error;
    if (!mayFallBack(loaded, wish, around)) {
      const told = advice(loaded, wish, error.advice);
      const why = `the stack ${definition.name} needs Docker: ${describeError(error)}`;
      throw new NobounceError('environment', why, told === undefined ? {} : { advice: told });
    }
    return {
      loaded,
      stack: {
        definition: loadStack(EMBEDDED_STACK, STACKS_DIR),
        named: EMBEDDED_STACK,
        insteadOf: { of: definition.name, because: describeError(error) },
      },
    };
  }
}
