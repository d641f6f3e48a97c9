import type { ContainerRuntimeClient } from 'testcontainers';
import type { ContainerStep } from '../undo.js';
import { run, type Runnable } from './exec.js';
import { requireMounts } from './mount-table.js';

/**
 * Does one step of an undo in its container, which is known by its id alone.
 * @throws NobounceError where it cannot be done.
 */
export async function carryOutIn(client: ContainerRuntimeClient, step: ContainerStep): Promise<void> {
  const container: Runnable = {
    exec: (command) => client.container.exec(client.container.getById(step.container), [command].flat()),
  };
  switch (step.via) {
    case 'exec':
      await run(container, step.service, step.command, step.timeoutMs);
      return;
    case 'see-mount':
      await requireMounts(container, step.service, {
        volumesAt: step.volumesAt,
        volumes: [step.volume],
        isMounted: true,
      });
  }
}
