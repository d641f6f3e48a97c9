import type { HeadSpec } from '../../../src/fault/act.js';
import { describeFault } from '../../../src/fault/registry.js';
import type { ProbeSample } from '../../../src/fault/probe-sample.js';
import { describe, expect, it } from 'vitest';
import { FaultControl } from '../../../src/run/fault-control.js';
import { Scope } from '../../../src/run/scope.js';
import type { Undo } from '../../../src/stack/undo.js';
import type { PlannedFault } from '../../../src/scenario/timeline.js';
import { eventually } from '../../support/waiting.js';
import { planOf } from '../../support/scenario.js';
import { askAnew, ToyVolume } from '../injector/toy-volume.js';
import { Recorded, ToyStack } from '../traffic/toy-stack.js';

/** A volume whose array does not do one thing so many times. */
class ClumsyVolume extends ToyVolume {
  failingOpens = 0;
  failingCloses = 0;

  override openHead(spec: HeadSpec): Promise<string> {
    if (spec.kind === 'healthy' || this.failingOpens === 0) return super.openHead(spec);
    this.failingOpens -= 1;
    return Promise.reject(new Error('the head does not listen'));
  }

  override closeHead(kind: HeadSpec['kind']): Promise<void> {
    if (this.failingCloses === 0) return super.closeHead(kind);
    this.failingCloses -= 1;
    return Promise.reject(new Error('the head does not close'));
  }
}

const description = describeFault('read-only', {});
if (description === undefined) throw new Error('read-only is unknown');
const READ_ONLY: PlannedFault = {
  key: 'read-only@gold#1',
  fault: { fault: 'read-only', volume: 'gold' },
  description,
  place: { kind: 'volume', volume: 'gold' },
  volume: 'gold',
};
const A_LONG_TIME_MS = 600_000;
const NEVER_ABORTED = new AbortController().signal;

function sample(changes: Partial<ProbeSample> = {}): ProbeSample {
  const base = { service: 'store', volume: 'gold', operation: 'write', errno: null, ms: 2 } as const;
  return { ...base, outcome: 'ok', ...changes };
}

const EROFS = sample({ outcome: 'error', errno: 'EROFS' });

interface Controlled {
  readonly control: FaultControl;
  readonly scope: Scope;
  readonly recorded: Recorded;
  readonly volume: ClumsyVolume;
  /** What a new connection to the volume gets. */
  readonly path: () => ReturnType<typeof askAnew>;
}

async function controlled(
  use: (parts: Controlled) => Promise<void>,
  guardian: ConstructorParameters<typeof FaultControl>[3] = null,
): Promise<void> {
  await using volume = new ClumsyVolume();
  await using stack = await ToyStack.start(planOf(), { volumes: [volume] });
  const upstream = await volume.openHead({ kind: 'healthy' });
  const link = { name: volume.proxy, listen: '127.0.0.1:0', upstream };
  const { listen } = await stack.running.toxiproxy.createProxy(link);
  const recorded = new Recorded();
  const scope = new Scope();
  const control = new FaultControl(stack.running, recorded.record, scope, guardian);
  const path = (): ReturnType<typeof askAnew> => askAnew(Number(listen.split(':').at(-1)));
  // What a healthy volume does, before anything breaks.
  for (let round = 0; round < 3; round += 1) control.observe(sample());
  await use({ control, scope, recorded, volume, path });
  await scope.close();
}

function lives(recorded: Recorded): string[] {
  return recorded.events.flatMap(({ type }) =>
    type.startsWith('fault.') ? [type.slice('fault.'.length)] : [],
  );
}

describe('the life of a fault', () => {
  it('is injected, felt, healed and gone, in this order, by what the probe sees', () =>
    controlled(async ({ control, recorded, path }) => {
      const injecting = control.inject([READ_ONLY], A_LONG_TIME_MS, NEVER_ABORTED);
      await eventually(
        () => recorded.of('fault.injected').length > 0,
        () => lives(recorded),
      );
      expect(await path()).toEqual({ head: 'read-only' });
      control.observe(sample());
      control.observe(EROFS);
      await injecting;
      const healing = control.heal([READ_ONLY], A_LONG_TIME_MS, NEVER_ABORTED);
      await eventually(
        () => recorded.of('fault.healed').length > 0,
        () => lives(recorded),
      );
      control.observe(sample());
      control.observe(sample());
      await healing;
      expect(lives(recorded)).toEqual(['injecting', 'injected', 'felt', 'healing', 'healed', 'gone']);
      expect(recorded.of('fault.felt')[0]?.evidence).toContain('EROFS');
      expect(recorded.of('fault.gone')[0]?.evidence).toContain('ok again');
      const ref = { fault: READ_ONLY.key, name: 'read-only', volume: 'gold' };
      for (const event of recorded.events)
        if (event.type.startsWith('fault.')) expect(event).toMatchObject(ref);
    }));

  it('has its evidence in the history before it: each sample first, then what it showed', () =>
    controlled(async ({ control, recorded }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      control.observe(EROFS);
      expect(recorded.events.slice(-2).map(({ type }) => type)).toEqual(['probe.sampled', 'fault.felt']);
    }));

  it('is not felt by the probe of another volume', () =>
    controlled(async ({ control, recorded }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      control.observe({ ...EROFS, volume: 'silver' });
      expect(lives(recorded)).toEqual(['injecting', 'injected']);
    }));

  it('is not felt before it is injected, and not gone before it is healed', () =>
    controlled(async ({ control, recorded }) => {
      control.observe(EROFS);
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      for (let round = 0; round < 5; round += 1) control.observe(sample());
      expect(lives(recorded)).toEqual(['injecting', 'injected']);
    }));

  it('that nobody feels is waited for no longer than the limit', () =>
    controlled(async ({ control, recorded }) => {
      await control.inject([READ_ONLY], 10, NEVER_ABORTED);
      await control.heal([READ_ONLY], 10, NEVER_ABORTED);
      expect(lives(recorded)).toEqual(['injecting', 'injected', 'healing', 'healed']);
    }));

  it('is not waited for after an interruption', () =>
    controlled(async ({ control, recorded }) => {
      const interruption = new AbortController();
      const injecting = control.inject([READ_ONLY], A_LONG_TIME_MS, interruption.signal);
      await eventually(
        () => recorded.of('fault.injected').length > 0,
        () => lives(recorded),
      );
      interruption.abort();
      await expect(injecting).resolves.toBeUndefined();
      expect(recorded.of('fault.felt')).toEqual([]);
    }));
});

describe('whatever happens', () => {
  it('a fault is healed at the teardown', () =>
    controlled(async ({ control, scope, recorded, path }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      expect(await scope.close()).toEqual([]);
      expect(lives(recorded)).toEqual(['injecting', 'injected', 'healing', 'healed']);
      expect(await path()).toEqual({ head: 'healthy' });
    }));

  it('what was healed is not healed again', () =>
    controlled(async ({ control, scope, recorded }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      await control.heal([READ_ONLY], 0, NEVER_ABORTED);
      expect(await scope.close()).toEqual([]);
      expect(lives(recorded)).toEqual(['injecting', 'injected', 'healing', 'healed']);
    }));

  it('an injection that failed is healed', () =>
    controlled(async ({ control, scope, recorded, volume, path }) => {
      volume.failingOpens = 1;
      const injecting = control.inject([READ_ONLY], A_LONG_TIME_MS, NEVER_ABORTED);
      await expect(injecting).rejects.toThrow('injecting read-only on volume gold failed');
      await expect(injecting).rejects.toMatchObject({ kind: 'harness' });
      expect(await scope.close()).toEqual([]);
      expect(lives(recorded)).toEqual(['injecting', 'healing', 'healed']);
      expect(await path()).toEqual({ head: 'healthy' });
    }));

  it('a heal that failed is tried again at the teardown', () =>
    controlled(async ({ control, scope, recorded, volume }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      volume.failingCloses = 1;
      const healing = control.heal([READ_ONLY], A_LONG_TIME_MS, NEVER_ABORTED);
      await expect(healing).rejects.toThrow('healing read-only on volume gold failed');
      expect(await scope.close()).toEqual([]);
      expect(volume.heads).toEqual(['healthy']);
      expect(lives(recorded)).toEqual(['injecting', 'injected', 'healing', 'healing', 'healed']);
    }));

  it('a heal that fails at the teardown as well is named', () =>
    controlled(async ({ control, scope, volume }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      volume.failingCloses = 1;
      const [failure] = await scope.close();
      expect(failure).toContain('heal read-only@gold#1: healing read-only on volume gold failed');
      expect(failure).toContain('the head does not close');
    }));

  it('a volume that the stack does not have is the harness’s failure', () =>
    controlled(async ({ control }) => {
      const place = { kind: 'volume', volume: 'bronze' } as const;
      const elsewhere = { ...READ_ONLY, place, volume: 'bronze' };
      await expect(control.inject([elsewhere], 0, NEVER_ABORTED)).rejects.toThrow(
        'the stack has nothing to break at bronze',
      );
    }));
});

/** A guardian that notes what it is told. */
class ToyGuardian {
  readonly told: string[] = [];
  readonly #holding: () => Promise<void>;

  constructor(holding: () => Promise<void> = () => Promise.resolve()) {
    this.#holding = holding;
  }

  async hold(key: string, undo: Undo): Promise<void> {
    this.told.push(`hold ${key}: ${undo.map(({ via }) => via).join(', ')}`);
    await this.#holding();
  }

  release(key: string): void {
    this.told.push(`release ${key}`);
  }
}

describe('a guardian', () => {
  const holds = 'hold read-only@gold#1: lead-link, child';

  it('holds the undo of a fault before it is injected, until it is healed', () => {
    let pathAtHold: unknown;
    const guardian: ToyGuardian = new ToyGuardian(async () => {
      pathAtHold = await look();
    });
    let look: () => Promise<unknown> = () => Promise.resolve();
    return controlled(async ({ control, path }) => {
      look = path;
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      expect(pathAtHold).toEqual({ head: 'healthy' });
      expect(guardian.told).toEqual([holds]);
      await control.heal([READ_ONLY], 0, NEVER_ABORTED);
      expect(guardian.told).toEqual([holds, 'release read-only@gold#1']);
    }, guardian);
  });

  it('goes on holding what could not be healed', () => {
    const guardian = new ToyGuardian();
    return controlled(async ({ control, volume }) => {
      await control.inject([READ_ONLY], 0, NEVER_ABORTED);
      volume.failingCloses = 1;
      await expect(control.healAll()).rejects.toThrow('healing read-only');
      expect(guardian.told).toEqual([holds]);
      await control.healAll();
      expect(guardian.told).toEqual([holds, 'release read-only@gold#1']);
    }, guardian);
  });

  it('that does not answer keeps the fault from being injected', () => {
    const guardian = new ToyGuardian(() => Promise.reject(new Error('no guardian')));
    return controlled(async ({ control, scope, recorded, path }) => {
      await expect(control.inject([READ_ONLY], 0, NEVER_ABORTED)).rejects.toThrow('no guardian');
      expect(await path()).toEqual({ head: 'healthy' });
      expect(await scope.close()).toEqual([]);
      expect(lives(recorded)).toEqual([]);
    }, guardian);
  });

  it('that answers when the run is over breaks nothing any more', () => {
    const over = new AbortController();
    const guardian = new ToyGuardian(() => {
      over.abort();
      return Promise.resolve();
    });
    return controlled(async ({ control, recorded, path }) => {
      await control.inject([READ_ONLY], 0, over.signal);
      expect(await path()).toEqual({ head: 'healthy' });
      expect(lives(recorded)).toEqual([]);
      expect(guardian.told.at(-1)).toBe('release read-only@gold#1');
    }, guardian);
  });
});
