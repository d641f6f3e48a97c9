import { outage } from 'nobounce/vitest';
import { expect, test } from 'vitest';

// One test for each check. `driver: 'embedded'` needs nothing but Node; leave it out to test real containers.
const drill = outage('./storage-refused.yaml', { driver: 'embedded', seed: 1 });

test('mail waits for the storage, and nothing is lost', () => {
  expect(drill.run).toHaveLostNothing();
  expect(drill.run).toHaveBouncedNothing();
  expect(drill.run).toHaveDuplicatedNothing();
  expect(drill.run).toHaveDeliveredEverything();
});

test('the queues are empty soon after the storage is back', () => {
  expect(drill.run).toHaveRecoveredWithin('30s');
  expect(drill.run).toHaveKept('queue-drains');
});
