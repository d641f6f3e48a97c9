import { bandwidth } from './bandwidth.js';
import { latency } from './latency.js';
import { limitData } from './limit-data.js';
import { noop } from './noop.js';
import { resetPeer } from './reset-peer.js';
import { slicer } from './slicer.js';
import { slowClose } from './slow-close.js';
import { timeout } from './timeout.js';
import type { ToxicType } from './toxic.js';

const TOXIC_TYPES: ReadonlyMap<string, ToxicType> = new Map(
  [noop, latency, bandwidth, slowClose, timeout, resetPeer, slicer, limitData].map((type) => [
    type.type,
    type,
  ]),
);

/** The kind of toxic with this name, e.g. `limit_data`. */
export function toxicType(type: string): ToxicType | undefined {
  return TOXIC_TYPES.get(type);
}
