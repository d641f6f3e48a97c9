import { NobounceError } from '../../errors/errors.js';
import type { ClockReading, StackClocks } from '../stack.js';
import { run } from './exec.js';
import type { DockerService } from './service.js';

const CLOCK_TIMEOUT_MS = 10_000;

/** Moves the clocks of containers that were started with NOBOUNCE_CLOCK=movable, by `clock-ctl` (docs/time-travel.md). */
export class DockerClocks implements StackClocks {
  readonly #services: readonly DockerService[];

  constructor(services: readonly DockerService[]) {
    this.#services = services;
  }

  async advance(totalAheadMs: number): Promise<void> {
    const seconds = String(Math.round(totalAheadMs / 1_000));
    await Promise.all(
      this.#services.map(({ container, name }) =>
        run(container, name, ['clock-ctl', 'set', seconds], CLOCK_TIMEOUT_MS),
      ),
    );
  }

  async read(): Promise<readonly ClockReading[]> {
    return Promise.all(
      this.#services.map(async ({ container, name }) => {
        const printed = (await run(container, name, ['clock-ctl', 'read'], CLOCK_TIMEOUT_MS)).trim();
        const epochMs = Number(printed) * 1_000;
        if (printed === '' || !Number.isFinite(epochMs)) {
          throw new NobounceError(
            'harness',
            `the clock of ${name} cannot be read: ${JSON.stringify(printed)}`,
          );
        }
        return { service: name, epochMs };
      }),
    );
  }
}
