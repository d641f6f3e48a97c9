import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { driverFor } from '../../../src/drill/driver-for.js';
import type { ScenarioInput } from '../../../src/scenario/scenario.js';
import { loadStack } from '../../../src/stack/definition.js';
import type { Driver } from '../../../src/stack/driver.js';
import { requireCapabilities } from '../../../src/stack/requirements.js';
import { planOf } from '../../support/scenario.js';

const embedded = (): Promise<Driver> => driverFor(loadStack('embedded', 'stacks'));
const docker = (): Promise<Driver> => driverFor(loadStack('postfix-dovecot', 'stacks'));

function refusal(driver: Driver, changes: Partial<ScenarioInput>, toxiproxy?: string): NobounceError | null {
  try {
    requireCapabilities(driver, planOf(changes), toxiproxy);
    return null;
  } catch (error) {
    if (error instanceof NobounceError) return error;
    throw error;
  }
}

const ADVANCE: Partial<ScenarioInput> = { timeline: [{ advance: '1h' }, { settle: '1s' }] };
const LINK: Partial<ScenarioInput> = {
  timeline: [
    { inject: { fault: 'vendor-os-bug', volume: 'gold', operations: ['write', 'link'] } },
    { hold: '1s' },
    { heal: 'all' },
    { settle: '1s' },
  ],
};

const CASES: readonly [
  capability: string,
  of: string,
  changes: Partial<ScenarioInput>,
  toxiproxy?: string,
][] = [
  ['movable-clocks', '`advance`', ADVANCE],
  ['outside-mtas', '`outside: { mta: postfix }`', { outside: { mta: 'postfix' } }],
  ['failing-link', 'vendor-os-bug of link', LINK],
  ['toxiproxy-images', 'the Toxiproxy image some/image:1', {}, 'some/image:1'],
];

describe('what a run asks for', () => {
  it.each(CASES)(
    'is refused by name where the driver lacks %s',
    async (capability, of, changes, toxiproxy) => {
      const error = refusal(await embedded(), changes, toxiproxy);
      expect(error).toMatchObject({ kind: 'environment' });
      expect(error?.message).toContain(
        `the embedded driver cannot do ${of} on embedded: it lacks ${capability}, `,
      );
      expect(error?.message.split('\n')).toHaveLength(1);
      expect(error?.advice).toContain('the driver docker has it');
    },
  );

  it.each(CASES)('is done where the driver has %s', async (_, __, changes, toxiproxy) => {
    expect(refusal(await docker(), changes, toxiproxy)).toBeNull();
  });

  it('is told whole, each capability once', async () => {
    const error = refusal(await embedded(), {
      outside: { mta: 'postfix' },
      timeline: [{ advance: '1h' }, { advance: '1h' }, { settle: '1s' }],
    });
    const named = error?.message.split('\n').map((line) => /it lacks ([^,]+)/.exec(line)?.[1]);
    expect(named).toEqual(['outside-mtas', 'movable-clocks']);
  });

  it('is nothing where every driver can do it', async () => {
    expect(refusal(await embedded(), {}, 'builtin')).toBeNull();
  });

  it('is refused of a stack whose clock is fixed, with what would make it movable', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'nobounce-fixed-'));
    try {
      await cp('stacks/postfix-dovecot', dir, { recursive: true });
      const yaml = await readFile(join(dir, 'stack.yaml'), 'utf8');
      await writeFile(join(dir, 'stack.yaml'), yaml.replace('clock: movable', 'clock: fixed'));
      const error = refusal(await driverFor(loadStack(dir, 'stacks')), ADVANCE);
      expect(error?.message).toContain('it lacks movable-clocks, since the clock of store cannot be moved');
      expect(error?.advice).toContain('clock: movable');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
