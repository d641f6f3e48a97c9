import type { Act, LinkToxic } from '../fault/act.js';
import type { Undoable, VolumeTarget } from './target.js';

function toxicName(fault: string, { type, stream }: LinkToxic): string {
  return `${fault}-${type}-${stream}`;
}

/** Closes the link's connections and lets new ones in. */
async function reconnect({ toxiproxy, volume }: VolumeTarget): Promise<void> {
  await toxiproxy.setEnabled(volume.proxy, false);
  await toxiproxy.setEnabled(volume.proxy, true);
}

/** Toxics on the volume's link, named so that the undo finds what the injection left. */
export function toxics(fault: string, act: Extract<Act, { via: 'toxics' }>, target: VolumeTarget): Undoable {
  const { toxiproxy, volume } = target;
  return {
    async inject() {
      for (const toxic of act.toxics) {
        await toxiproxy.addToxic(volume.proxy, { name: toxicName(fault, toxic), toxicity: 1, ...toxic });
      }
      if (act.reconnect) await reconnect(target);
    },
    undo: act.toxics.map((toxic) => ({
      via: 'remove-toxic',
      url: toxiproxy.url,
      proxy: volume.proxy,
      toxic: toxicName(fault, toxic),
    })),
  };
}
