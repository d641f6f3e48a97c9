import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseDrills, type StackWish, type Surroundings } from '../../../src/drill/choose-stack.js';
import { EXIT_CODE, NobounceError } from '../../../src/errors/errors.js';
import { parseScenario, readScenario, type LoadedScenario } from '../../../src/scenario/load.js';

const ADVICE = 'start it';

/** A desk without an engine, at which somebody sits. */
const desk: Surroundings = {
  isAttended: true,
  engineIsNamed: () => false,
  requireEngine: () => Promise.reject(new NobounceError('environment', 'no engine', { advice: ADVICE })),
};
const pipeline: Surroundings = { ...desk, isAttended: false };
const named: Surroundings = { ...desk, engineIsNamed: () => true };
const withDocker: Surroundings = { ...desk, requireEngine: () => Promise.resolve() };

/** A folder with a scenario and a stack of its author's own. */
const folder = mkdtempSync(join(tmpdir(), 'own-'));
cpSync('stacks/postfix-dovecot', join(folder, 'my-stack'), { recursive: true });
cpSync('test/cases/real-stack.yaml', join(folder, 'real-stack.yaml'));
cpSync('scenarios/refuse.yaml', join(folder, 'refuse.yaml'));

const shipped = readScenario('scenarios/refuse.yaml');
/** Of the user, on a stack that comes with nobounce. */
const users = readScenario(join(folder, 'refuse.yaml'));
/** Of the user, on a stack of the user's. */
const ownStack = readScenario(join(folder, 'real-stack.yaml'));
const inCode = parseScenario(shipped.source, 'refuse.yaml');

async function chosen(loaded: LoadedScenario, wish: StackWish, around: Surroundings): Promise<string> {
  try {
    const [drill] = await chooseDrills([loaded], wish, around);
    if (drill === undefined) return 'nothing';
    const { definition, insteadOf } = drill.stack;
    return insteadOf === null
      ? definition.name
      : `${definition.name} instead of ${insteadOf.of}: ${insteadOf.because}`;
  } catch (error) {
    if (!(error instanceof NobounceError)) throw error;
    return `exit ${String(error.exitCode)}`;
  }
}

const FALLBACK = 'embedded instead of postfix-dovecot: no engine';
const NO_ENGINE = `exit ${String(EXIT_CODE.environment)}`;
const USAGE = `exit ${String(EXIT_CODE.usage)}`;

describe('without an engine, another stack than the one asked for is tested', () => {
  it.each<[string, LoadedScenario, StackWish, Surroundings, string]>([
    ['a scenario of ours, at a desk', shipped, {}, desk, FALLBACK],
    [
      'a scenario of ours, with --driver auto, in a pipeline',
      shipped,
      { driver: 'auto' },
      pipeline,
      FALLBACK,
    ],
    [
      'a scenario of ours, with --driver auto, where an engine was named',
      shipped,
      { driver: 'auto' },
      named,
      FALLBACK,
    ],
    ["a user's scenario on a stack of ours, with --driver auto", users, { driver: 'auto' }, desk, FALLBACK],
  ])('%s', async (_, loaded, wish, around, expected) => {
    expect(await chosen(loaded, wish, around)).toBe(expected);
  });
});

describe('without an engine, nothing is tested', () => {
  it.each<[string, LoadedScenario, StackWish, Surroundings, string]>([
    ['in a pipeline', shipped, {}, pipeline, NO_ENGINE],
    ['where an engine was named', shipped, {}, named, NO_ENGINE],
    ['where the driver docker was asked for', shipped, { driver: 'docker' }, desk, NO_ENGINE],
    ['where a stack was asked for', shipped, { stack: 'postfix-virtual' }, desk, NO_ENGINE],
    [
      'where a stack was asked for, with --driver auto',
      shipped,
      { stack: 'postfix-virtual', driver: 'auto' },
      desk,
      NO_ENGINE,
    ],
    ["of a user's scenario", users, {}, desk, NO_ENGINE],
    ['of a scenario in code', inCode, {}, desk, NO_ENGINE],
    ["of a user's own stack", ownStack, {}, desk, NO_ENGINE],
    ["of a user's own stack, with --driver auto", ownStack, { driver: 'auto' }, desk, NO_ENGINE],
    [
      "of a user's own stack, with --driver embedded, which is another",
      ownStack,
      { driver: 'embedded' },
      desk,
      USAGE,
    ],
    ['of a stack of another driver', shipped, { stack: 'embedded', driver: 'docker' }, desk, USAGE],
  ])('%s', async (_, loaded, wish, around, expected) => {
    expect(await chosen(loaded, wish, around)).toBe(expected);
  });

  it('the error says which stack, what is wrong, and what to do', async () => {
    await expect(chooseDrills([shipped], {}, pipeline)).rejects.toMatchObject({
      message: 'the stack postfix-dovecot needs Docker: no engine',
      advice: 'start it; `--driver embedded` tests the embedded stack instead',
    });
    await expect(chooseDrills([ownStack], {}, desk)).rejects.toMatchObject({ advice: ADVICE });
  });
});

describe('the stack asked for is tested', () => {
  it.each<[string, LoadedScenario, StackWish, Surroundings, string]>([
    ['on an engine', shipped, {}, withDocker, 'postfix-dovecot'],
    ['on an engine, with --driver auto', shipped, { driver: 'auto' }, withDocker, 'postfix-dovecot'],
    ["a user's own", ownStack, {}, withDocker, 'postfix-dovecot'],
    ['another one, by --stack', shipped, { stack: 'postfix-virtual' }, withDocker, 'postfix-virtual'],
    [
      'the embedded one, by --stack, without an engine',
      ownStack,
      { stack: 'embedded' },
      pipeline,
      'embedded',
    ],
    [
      'the embedded one, by --driver, without an engine',
      shipped,
      { driver: 'embedded' },
      pipeline,
      'embedded instead of postfix-dovecot: the driver embedded was asked for',
    ],
  ])('%s', async (_, loaded, wish, around, expected) => {
    expect(await chosen(loaded, wish, around)).toBe(expected);
  });

  it('and a mistake in the last scenario comes before the engine is looked for', async () => {
    let asked = 0;
    const around = { ...desk, requireEngine: () => ((asked += 1), desk.requireEngine()) };
    const broken = parseScenario(shipped.source.replace('postfix-dovecot', 'exchange'), 'x.yaml');
    await expect(chooseDrills([shipped, broken], {}, around)).rejects.toMatchObject({ kind: 'usage' });
    expect(asked).toBe(0);
  });
});
