import { MX_KEY } from '../fault/place.js';
import type { ProbeSample } from '../fault/probe-sample.js';
import type { Watch } from '../stack/stack.js';
import type { TrafficContext } from '../traffic/context.js';
import { watchOutside } from '../traffic/outside.js';
import { Queues } from '../traffic/queues.js';
import type { Ending } from './ending.js';
import { watchMachine } from './machine-watch.js';
import type { Scope } from './scope.js';

/** A probe that finds its volume hanging says so after some seconds; several operations may hang one after the other. */
const PROBE_DEADLINE_MS = 20_000;

interface Watching {
  readonly scope: Scope;
  readonly ending: Ending;
  /** Every sample of every probe. */
  readonly observe: (sample: ProbeSample) => void;
}

/** Starts everything that observes; a source that breaks while the run needs it is the harness's failure. */
export async function startWatches(context: TrafficContext, parts: Watching): Promise<Queues> {
  const { scope, ending } = parts;
  const broken =
    (what: string) =>
    (error: Error): void => {
      ending.streamBroke(what, error);
    };
  await beginWatch(scope, 'watch of the machine', 1_000, () => {
    const stop = watchMachine(context.record);
    return Promise.resolve({
      stop: () => {
        stop();
        return Promise.resolve();
      },
    });
  });
  await beginWatch(scope, 'watch of the services', 5_000, () =>
    context.stack.watchServices({
      next: (death) => {
        context.record({ type: 'service.died', ...death });
        ending.died(death);
      },
      broken: broken('watch of the services'),
    }),
  );
  const queues = new Queues(context);
  await beginWatch(scope, 'queue watch', 5_000, () => queues.start(broken('queue watch')));
  await beginWatch(scope, 'outside watch', 5_000, () => watchOutside(context, broken('outside')));
  const { volumes, mxLink } = context.stack;
  for (const volume of [...volumes.keys(), ...(mxLink === null ? [] : [MX_KEY])]) {
    const what = `storage probe of ${volume}`;
    await beginWatch(scope, what, 5_000, () => startProbe(context, parts.observe, volume, broken(what)));
  }
  return queues;
}

/** Begins a watch whose end is registered before. */
export async function beginWatch(
  scope: Scope,
  name: string,
  timeoutMs: number,
  start: () => Promise<Watch>,
): Promise<void> {
  let starting: Promise<Watch | undefined> = Promise.resolve(undefined);
  scope.add(`stop ${name}`, timeoutMs, async () => {
    await (await starting)?.stop();
  });
  const watch = start();
  // Where it does not start, the run is told below, and there is nothing to stop.
  starting = watch.catch(() => undefined);
  await watch;
}

async function startProbe(
  { stack, source: startSource }: TrafficContext,
  observe: Watching['observe'],
  volume: string,
  broken: (error: Error) => void,
): Promise<Watch> {
  const source = startSource({ kind: 'probe', subject: volume, deadlineMs: PROBE_DEADLINE_MS });
  const probe = await stack.watchProbe(volume, {
    next: (sample) => {
      source.alive(1);
      observe(sample);
    },
    broken,
  });
  return {
    stop: () => {
      source.ended();
      return probe.stop();
    },
  };
}

/** Writes down for how long each MTA keeps mail. */
export async function recordLifetimes({ stack, record }: TrafficContext): Promise<void> {
  const mtas = [stack.mta, ...stack.outsideMtas];
  await Promise.all(
    mtas.map(async (mta) => {
      const lifetimes = await mta.queueLifetimes();
      if (lifetimes === null) return;
      const outside = mta === stack.mta ? {} : { outside: true };
      record({ type: 'mta.configured', service: mta.service, ...lifetimes, ...outside });
    }),
  );
}
