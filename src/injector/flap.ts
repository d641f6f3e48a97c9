import type { Act } from '../fault/act.js';
import { after } from '../units/timer.js';
import type { Undoable, VolumeTarget } from './target.js';

interface Flapping {
  readonly stop: () => Promise<void>;
}

/** The path to the array goes down and comes back, again and again, until the heal. */
export function flapping(
  { downMs, upMs }: Extract<Act, { via: 'link-flapping' }>,
  { toxiproxy, volume }: VolumeTarget,
): Undoable {
  let loop: Flapping | undefined;
  return {
    async inject() {
      let callOff = (): void => undefined;
      const state: { stopped: boolean } = { stopped: false };
      let failure: unknown;
      const first = toxiproxy.setEnabled(volume.proxy, false);
      // A first turn that fails is the injection's own failure; the heal has nothing to add to it.
      let last: Promise<unknown> = first.catch(() => undefined);
      const turn = (enabled: boolean): void => {
        last = toxiproxy.setEnabled(volume.proxy, enabled).then(
          () => {
            if (!state.stopped) next(!enabled);
          },
          (error: unknown) => {
            failure = error;
          },
        );
      };
      const next = (enabled: boolean): void => {
        callOff = after(enabled ? downMs : upMs, () => {
          turn(enabled);
        });
      };
      loop = {
        stop: async () => {
          state.stopped = true;
          callOff();
          await last;
          callOff();
          if (failure !== undefined)
            throw new Error('the path stopped flapping before the heal', { cause: failure });
        },
      };
      await first;
      // Healed while the first turn was under way: there is no loop to go on.
      if (!state.stopped) next(true);
    },
    undo: [{ via: 'enable-link', url: toxiproxy.url, proxy: volume.proxy }],
    async callOff() {
      const running = loop;
      loop = undefined;
      await running?.stop();
    },
  };
}
