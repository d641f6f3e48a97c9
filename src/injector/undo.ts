import type { LinkStep, StorageStep, Undo } from '../stack/undo.js';
import type { Toxiproxy } from '../toxiproxy/adapter.js';

/** What somebody can do who carries out undos: the harness, or who heals in its place. */
export interface Hands {
  /** The Toxiproxy whose API is at this address. */
  readonly toxiproxy: (url: string) => Promise<Toxiproxy>;
  readonly storage: (step: StorageStep) => Promise<void>;
}

async function mendLink(toxiproxy: Toxiproxy, step: LinkStep): Promise<void> {
  switch (step.via) {
    case 'remove-toxic':
      await toxiproxy.removeToxic(step.proxy, step.toxic);
      return;
    case 'enable-link':
      await toxiproxy.setEnabled(step.proxy, true);
      return;
    case 'lead-link':
      await toxiproxy.setUpstream(step.proxy, step.upstream);
  }
}

/** Does one step after the other. @throws the first failure; what comes after it is not done. */
export async function carryOut(undo: Undo, hands: Hands): Promise<void> {
  for (const step of undo) {
    if (step.via === 'exec' || step.via === 'see-mount' || step.via === 'child') await hands.storage(step);
    else await mendLink(await hands.toxiproxy(step.url), step);
  }
}
