import type { FaultKind, FaultTarget } from './fault.js';

interface Flapping {
  readonly stop: () => Promise<void>;
}

/** By target, so that heal finds the loop that inject started. */
const flapping = new WeakMap<FaultTarget, Flapping>();

/** The path to the array goes down and comes back, again and again. */
export const flap: FaultKind<'flap'> = {
  name: 'flap',
  feeling: () => ({ kind: 'alternating' }),
  async inject({ down, up }, target) {
    const { toxiproxy, volume } = target;
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    let failure: unknown;
    const first = toxiproxy.setEnabled(volume.proxy, false);
    // A first turn that fails is the injection's own failure; the heal has nothing to add to it.
    let last: Promise<unknown> = first.catch(() => undefined);
    const turn = (enabled: boolean): void => {
      last = toxiproxy.setEnabled(volume.proxy, enabled).then(
        () => {
          if (!stopped) timer = setTimeout(turn, enabled ? up : down, !enabled);
        },
        (error: unknown) => {
          failure = error;
        },
      );
    };
    flapping.set(target, {
      stop: async () => {
        stopped = true;
        clearTimeout(timer);
        await last;
        clearTimeout(timer);
        if (failure !== undefined)
          throw new Error('the path stopped flapping before the heal', { cause: failure });
      },
    });
    await first;
    timer = setTimeout(turn, down, true);
  },
  async heal(_, target) {
    const loop = flapping.get(target);
    flapping.delete(target);
    try {
      await loop?.stop();
    } finally {
      await target.toxiproxy.setEnabled(target.volume.proxy, true);
    }
  },
};
