import { expect, it } from 'vitest';
import { Tale } from '../../support/tale.js';

/** A read-only volume under a storage bug all the time; what the probe says of it are these errors. */
function told(...errnos: readonly string[]): string {
  const tale = new Tale()
    .fault({ injected: 10_000, felt: 10_100, healed: 30_000, gone: 30_100 })
    .fault({ injected: 12_000, felt: 12_900, healed: 29_000, gone: 30_100 }, { name: 'read-only' });
  errnos.forEach((errno, index) => tale.sampled(13_000 + 1_000 * index, 'gold', errno));
  for (let t = 10_200; t < 11_900; t += 100) tale.sampled(t, 'gold', 'EIO');
  return tale.check('fault-felt').reason ?? '';
}

it('a fault that lay under another one all the time must have been seen once', () => {
  const unseen =
    'read-only on gold is said to be felt, but in 4 samples of the probe, all beside another fault, it was not seen once';
  expect(told('EIO', 'EIO', 'EIO')).toContain(unseen);
  expect(told('EIO', 'EROFS', 'EIO')).not.toContain('read-only on gold');
});
