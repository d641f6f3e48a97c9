import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { FaultDescription } from '../../../src/fault/kind.js';
import { describeFault, FAULT_EXAMPLES, faultSchema } from '../../../src/fault/registry.js';
import { bindFault, type BoundFault } from '../../../src/injector/bind.js';
import { carryOut, type Hands } from '../../../src/injector/undo.js';
import { undoStep } from '../../../src/stack/undo.js';
import type { LinkTarget, VolumeTarget } from '../../../src/injector/target.js';
import { connectToxiproxy } from '../../../src/toxiproxy/adapter.js';
import { startToxiproxyServer, type ToxiproxyServer } from '../../../src/toxiproxy/server.js';
import { askAnew, PathClient, ToyVolume, type Answer } from './toy-volume.js';

type FaultInput = z.input<typeof faultSchema>;

let server: ToxiproxyServer;
let volume: ToyVolume;
let target: VolumeTarget;
/** The port of the link, to which the mail store's mount goes. */
let port = 0;

beforeEach(async () => {
  server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
  volume = new ToyVolume();
  const toxiproxy = await connectToxiproxy(server.url);
  const upstream = await volume.openHead({ kind: 'healthy' });
  const { listen } = await toxiproxy.createProxy({ name: volume.proxy, listen: '127.0.0.1:0', upstream });
  port = Number(listen.split(':').at(-1));
  target = { volume, toxiproxy };
});

afterEach(async () => {
  await server.close();
  await volume[Symbol.asyncDispose]();
});

/** Binds a fault as a scenario writes it. */
function bound(input: FaultInput, to: VolumeTarget | LinkTarget = target): BoundFault {
  const parsed = faultSchema.parse(input);
  return bindFault(parsed.fault, known(describeFault(parsed.fault, { ...parsed })), to);
}

function known(description: FaultDescription | undefined): FaultDescription {
  if (description === undefined) throw new Error('the fault cannot be described');
  return description;
}

const HEALTHY: Answer = { head: 'healthy' };
const NOTHING = 'nothing for a while';

/** Each fault with what a new connection gets while it is up, and what the storage probe must feel. */
const FAULTS: readonly {
  readonly input: FaultInput;
  readonly during: Answer;
  readonly feeling: object;
}[] = [
  {
    input: { fault: 'latency', volume: 'gold', latency: '60s' },
    during: NOTHING,
    feeling: { kind: 'slower', byMs: 60_000 },
  },
  {
    // Toxiproxy takes whole milliseconds only.
    input: { fault: 'latency', volume: 'gold', latency: '60000.4ms', jitter: '0.4ms' },
    during: NOTHING,
    feeling: { kind: 'slower', byMs: 60_000 },
  },
  {
    input: { fault: 'bandwidth', volume: 'gold', rate: '2 kB/s' },
    during: NOTHING,
    feeling: { kind: 'slower', byMs: 1_638.4 },
  },
  { input: { fault: 'stall', volume: 'gold' }, during: NOTHING, feeling: { kind: 'unreachable' } },
  { input: { fault: 'blackhole', volume: 'gold' }, during: NOTHING, feeling: { kind: 'unreachable' } },
  { input: { fault: 'refuse', volume: 'gold' }, during: 'refused', feeling: { kind: 'unreachable' } },
  { input: { fault: 'reset', volume: 'gold' }, during: 'reset', feeling: { kind: 'unreachable' } },
  {
    input: { fault: 'read-only', volume: 'gold' },
    during: { head: 'read-only' },
    feeling: { kind: 'errno', errnos: ['EROFS'] },
  },
  {
    input: { fault: 'vendor-os-bug', volume: 'gold' },
    during: { head: 'faulty EIO write,fsync 1' },
    feeling: { kind: 'errno', errnos: ['EIO'] },
  },
  {
    input: { fault: 'vendor-os-bug', volume: 'gold', errno: 'ENXIO', operations: ['read'], probability: 0.3 },
    during: { head: 'faulty ENXIO read 0.3' },
    feeling: { kind: 'errno', errnos: ['ENXIO'] },
  },
  {
    input: { fault: 'disk-full', volume: 'gold' },
    during: { head: 'faulty ENOSPC write,fsync 1' },
    feeling: { kind: 'errno', errnos: ['ENOSPC'] },
  },
  {
    input: { fault: 'quota-exceeded', volume: 'gold', probability: 0.5 },
    during: { head: 'faulty EDQUOT write,fsync 0.5' },
    feeling: { kind: 'errno', errnos: ['EDQUOT'] },
  },
  {
    input: { fault: 'stale-handle', volume: 'gold' },
    during: { head: 'faulty ESTALE rename,write 1' },
    feeling: { kind: 'errno', errnos: ['ESTALE'] },
  },
  {
    input: { fault: 'slow-disk', volume: 'gold', delay: '2s', share: 0.5 },
    during: { head: 'slow 2000 0.5' },
    feeling: { kind: 'slower', byMs: 1_600 },
  },
  { input: { fault: 'array-crash', volume: 'gold' }, during: 'closed', feeling: { kind: 'unreachable' } },
];

describe.each(FAULTS)('$input.fault', ({ input, during, feeling }) => {
  it('is there after the injection and gone after the heal, also when it is healed twice', async () => {
    const fault = bound(input);
    expect(await askAnew(port)).toEqual(HEALTHY);
    await fault.inject();
    const seen = await askAnew(port);
    // A dead upstream is accepted and then closed or reset, as fast as the kernel tells.
    expect(during === 'closed' && seen === 'reset' ? 'closed' : seen).toEqual(during);
    await fault.heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
    await fault.heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
    expect(volume.heads).toEqual(['healthy']);
  });

  it('that was never injected is healed without harm to who is connected', async () => {
    using mount = new PathClient(port);
    expect(await mount.ask()).toEqual(HEALTHY);
    await bound(input).heal();
    expect(await mount.ask()).toEqual(HEALTHY);
  });

  it('can be injected again after its heal', async () => {
    const fault = bound(input);
    await fault.inject();
    await fault.heal();
    await fault.inject();
    expect(await askAnew(port)).not.toEqual(HEALTHY);
    await fault.heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
  });

  it('counts as felt by what it does', () => {
    const fault = bound(input);
    expect(fault.feeling).toMatchObject(feeling);
  });
});

describe('flap', () => {
  const flap = (): BoundFault => bound({ fault: 'flap', volume: 'gold', down: '30ms', up: '60ms' });

  it('takes the path away and gives it back, again and again, until it is healed', async () => {
    const fault = flap();
    expect(fault.feeling).toEqual({ kind: 'alternating' });
    await fault.inject();
    for (const wanted of ['up', 'down', 'up', 'down']) {
      let seen = '';
      while (seen !== wanted) seen = typeof (await askAnew(port)) === 'string' ? 'down' : 'up';
    }
    await fault.heal();
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await askAnew(port)).toEqual(HEALTHY);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('healed while it is being injected stays healed', async () => {
    const fault = flap();
    await Promise.all([fault.inject(), fault.heal()]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await askAnew(port)).toEqual(HEALTHY);
  });

  it('that was never injected is healed without harm', async () => {
    await flap().heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
  });

  it('whose path cannot be switched any more says so when it is healed', async () => {
    const fault = flap();
    await fault.inject();
    await target.toxiproxy.deleteProxy(volume.proxy);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(fault.heal()).rejects.toThrow();
  });
});

describe('mount-lost', () => {
  it('takes the mount away and brings it back', async () => {
    const fault = bound({ fault: 'mount-lost', volume: 'gold' });
    expect(fault.feeling).toEqual({ kind: 'unmounted' });
    await fault.heal();
    expect(volume.mounted).toBe(true);
    await fault.inject();
    expect(volume.mounted).toBe(false);
    await fault.heal();
    await fault.heal();
    expect(volume.mounted).toBe(true);
  });
});

describe('who is connected already', () => {
  it('finds its bytes held by a stall, and gets every one of them after the heal', async () => {
    const fault = bound({ fault: 'stall', volume: 'gold' });
    using mount = new PathClient(port);
    expect(await mount.ask()).toEqual(HEALTHY);
    await fault.inject();
    expect(await mount.ask()).toBe(NOTHING);
    await fault.heal();
    expect(await mount.answer()).toEqual(HEALTHY);
  });

  it('loses its connection to a black hole only when that is healed, and its bytes for good', async () => {
    const fault = bound({ fault: 'blackhole', volume: 'gold' });
    using mount = new PathClient(port);
    expect(await mount.ask()).toEqual(HEALTHY);
    await fault.inject();
    expect(await mount.ask()).toBe(NOTHING);
    await fault.heal();
    expect(['closed', 'reset']).toContain(await mount.answer());
  });

  it.each<FaultInput>([
    { fault: 'read-only', volume: 'gold' },
    { fault: 'vendor-os-bug', volume: 'gold' },
    { fault: 'slow-disk', volume: 'gold' },
    { fault: 'refuse', volume: 'gold' },
    { fault: 'reset', volume: 'gold' },
  ])('is cut off by $fault, as by the failover of a controller', async (input) => {
    using mount = new PathClient(port);
    expect(await mount.ask()).toEqual(HEALTHY);
    await bound(input).inject();
    expect(['closed', 'reset']).toContain(await mount.ask());
  });
});

describe('half an injection', () => {
  it('of toxics is healed', async () => {
    const fault = bound({ fault: 'latency', volume: 'gold', latency: '60s' });
    const left = { type: 'latency', stream: 'downstream', attributes: { latency: 60_000 } } as const;
    await target.toxiproxy.addToxic(volume.proxy, { name: 'latency-latency-downstream', ...left });
    await expect(fault.inject()).rejects.toThrow('toxic already exists');
    await fault.heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
  });

  it('of a head is healed', async () => {
    const fault = bound({ fault: 'read-only', volume: 'gold' });
    await volume.openHead({ kind: 'read-only' });
    await fault.heal();
    expect(volume.heads).toEqual(['healthy']);
    expect(await askAnew(port)).toEqual(HEALTHY);
  });
});

describe('two faults on one volume', () => {
  it('are healed one by one', async () => {
    const stall = bound({ fault: 'stall', volume: 'gold' });
    const readOnly = bound({ fault: 'read-only', volume: 'gold' });
    await stall.inject();
    await readOnly.inject();
    await stall.heal();
    expect(await askAnew(port)).toEqual({ head: 'read-only' });
    await readOnly.heal();
    expect(await askAnew(port)).toEqual(HEALTHY);
  });
});

describe('mx-closed', () => {
  it.each([
    { answer: 'refuse', during: 'refused', feeling: { kind: 'errno', errnos: ['ECONNREFUSED'] } },
    { answer: '4xx', during: { head: 'read-only' }, feeling: { kind: 'errno', errnos: ['421'] } },
  ] as const)(
    'with $answer keeps everybody from the MX until it is healed',
    async ({ answer, during, feeling }) => {
      const link = {
        proxy: volume.proxy,
        open: await volume.openHead({ kind: 'healthy' }),
        closed: await volume.openHead({ kind: 'read-only' }),
      };
      const fault = bound({ fault: 'mx-closed', answer }, { mxLink: link, toxiproxy: target.toxiproxy });
      expect(fault.feeling).toMatchObject(feeling);
      await fault.heal();
      expect(await askAnew(port)).toEqual(HEALTHY);
      await fault.inject();
      expect(await askAnew(port)).toEqual(during);
      await fault.heal();
      expect(await askAnew(port)).toEqual(HEALTHY);
    },
  );
});

describe('the contract of every fault', () => {
  it.each(FAULT_EXAMPLES.map((example) => faultSchema.parse(example)))(
    '$fault: harmless before its injection, felt by who connects after it, gone after its heal',
    async (parsed) => {
      const description = describeFault(parsed.fault, { ...parsed });
      const mxLink = {
        proxy: volume.proxy,
        open: await volume.openHead({ kind: 'healthy' }),
        closed: 'toxiproxy.test:1',
      };
      const to = description?.act.via === 'mx' ? { mxLink, toxiproxy: target.toxiproxy } : target;
      const fault = bindFault(parsed.fault, known(description), to);
      const state = async () => ({ mounted: volume.mounted, answer: await askAnew(port) });
      const well = { mounted: true, answer: HEALTHY };
      await fault.heal();
      expect(await state()).toEqual(well);
      await fault.inject();
      expect(await state()).not.toEqual(well);
      await fault.heal();
      await fault.heal();
      expect(await state()).toEqual(well);
    },
  );
});

describe('the undo of every fault', () => {
  it.each(FAULT_EXAMPLES.map((example) => faultSchema.parse(example)))(
    '$fault: known before its injection, and enough to heal it for who has nothing but its JSON',
    async (parsed) => {
      const description = known(describeFault(parsed.fault, { ...parsed }));
      const open = await volume.openHead({ kind: 'healthy' });
      const mxLink = { proxy: volume.proxy, open, closed: 'toxiproxy.test:1' };
      const to = description.act.via === 'mx' ? { mxLink, toxiproxy: target.toxiproxy } : target;
      const fault = bindFault(parsed.fault, description, to);
      const undo = undoStep
        .array()
        .nonempty()
        .parse(JSON.parse(JSON.stringify(fault.undo)));
      const state = async () => ({
        mounted: volume.mounted,
        answer: await askAnew(port),
        heads: volume.heads,
      });
      const well = { mounted: true, answer: HEALTHY, heads: ['healthy'] };
      const another: Hands = {
        toxiproxy: (url) => connectToxiproxy(url),
        storage: (step) => volume.carryOut(step),
      };
      await carryOut(undo, another);
      expect(await state()).toEqual(well);
      await fault.inject();
      expect(await state()).not.toEqual(well);
      // What an injection goes on with ends with its process; here it is called off.
      if (description.act.via === 'link-flapping') await fault.heal();
      await carryOut(undo, another);
      await carryOut(undo, another);
      expect(await state()).toEqual(well);
    },
  );
});
