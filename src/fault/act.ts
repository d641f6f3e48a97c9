/** What an array can be made to do; each is one head, one TCP endpoint of one behaviour. */
export type HeadSpec =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'read-only' }
  | {
      readonly kind: 'faulty';
      readonly errno: string;
      readonly operations: readonly string[];
      /** Of each operation failing, above 0 up to 1. */
      readonly probability: number;
    }
  | { readonly kind: 'slow'; readonly delayMs: number; /** Of operations delayed. */ readonly share: number };

/** A toxic on a volume's link; `upstream`: what the client sends. Attributes as in Toxiproxy's API. */
export type LinkToxic = { readonly stream: 'upstream' | 'downstream' } & (
  | { readonly type: 'latency'; readonly attributes: { readonly latency: number; readonly jitter: number } }
  /** `rate` in KB/s of 1,000 bytes; 0 holds all bytes. */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } }
  | { readonly type: 'timeout' | 'reset_peer'; readonly attributes: { readonly timeout: number } }
);

/** What is done at a place, as data; src/injector carries it out and undoes it. */
export type Act =
  | {
      readonly via: 'toxics';
      readonly toxics: readonly LinkToxic[];
      /** For toxics that act only on connections opened after them. */
      readonly reconnect: boolean;
    }
  | { readonly via: 'head'; readonly head: HeadSpec }
  | { readonly via: 'link-off' }
  | { readonly via: 'link-flapping'; readonly downMs: number; readonly upMs: number }
  | { readonly via: 'crash' }
  | { readonly via: 'unmount' }
  | { readonly via: 'mx'; readonly answer: 'refuse' | '4xx' };

/** What two acts at one place would fight for: one link leads to one head, and is on or off. Null: nothing. */
export function claimOf(act: Act): 'head' | 'link' | null {
  switch (act.via) {
    case 'head':
      return 'head';
    case 'link-off':
    case 'link-flapping':
      return 'link';
    case 'toxics':
      return act.reconnect ? 'link' : null;
    case 'crash':
    case 'unmount':
    case 'mx':
      return null;
  }
}

/** Whether all that happens is that the array answers otherwise, with errors or as read-only: no failover comes with it. */
export function onlyAnswersOtherwise(act: Act): boolean {
  return act.via === 'head' && act.head.kind !== 'slow';
}

/** The same toxic in both directions. */
export function bothWays(toxic: (stream: LinkToxic['stream']) => LinkToxic): Act {
  return { via: 'toxics', toxics: [toxic('upstream'), toxic('downstream')], reconnect: false };
}

/** The array answers these operations with this errno. */
export function answersWith(errno: string, operations: readonly string[], probability: number): Act {
  return { via: 'head', head: { kind: 'faulty', errno, operations, probability } };
}
