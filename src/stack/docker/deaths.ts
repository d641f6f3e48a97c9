import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import type { ServiceDeath, Watch, WatchListener } from '../stack.js';
import { runFilter } from './engine.js';
import type { DockerService } from './service.js';

/** An event of the engine's API (docker events); `kill` comes before `die` where somebody sent a signal. */
const engineEvent = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
});

/** Tells of every container of a run that ends from here on, and how it came to that. */
export async function watchDeaths(
  client: ContainerRuntimeClient,
  run: string,
  services: ReadonlyMap<string, DockerService>,
  { next, broken }: WatchListener<ServiceDeath>,
): Promise<Watch> {
  const byId = new Map([...services.values()].map((service) => [service.container.getId(), service]));
  const signalled = new Set<string>();
  const starved = new Set<string>();
  let stopped = false;
  const stream = await client.container.dockerode.getEvents({
    filters: { type: ['container'], event: ['kill', 'oom', 'die'], ...runFilter(run) },
  });
  const ended = (): void => {
    if (!stopped) broken(new Error("the engine's stream of events ended"));
    stopped = true;
  };
  const onLine = (line: string): void => {
    const { data } = engineEvent.safeParse(JSON.parse(line));
    const service = byId.get(data?.Actor.ID ?? '');
    if (data === undefined || service === undefined || stopped) return;
    const { ID: id, Attributes: attributes } = data.Actor;
    if (data.Action === 'kill') signalled.add(id);
    else if (data.Action === 'oom') starved.add(id);
    else if (data.Action === 'die') {
      const exitCode = Number(attributes['exitCode']);
      next({
        service: service.name,
        role: service.role,
        exitCode: Number.isInteger(exitCode) ? exitCode : null,
        cause: starved.has(id) ? 'out-of-memory' : signalled.has(id) ? 'killed' : 'itself',
      });
    }
  };
  const lines = createInterface({ input: stream });
  lines.on('line', onLine);
  for (const event of ['end', 'close', 'error']) stream.on(event, ended);
  return {
    stop: () => {
      stopped = true;
      lines.close();
      if (stream instanceof Readable) stream.destroy();
      return Promise.resolve();
    },
  };
}
