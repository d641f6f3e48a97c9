import { MX_KEY } from '../../fault/place.js';
import type { Plan, PlannedOutsideMta } from '../../scenario/plan.js';
import type { Toxiproxy } from '../../toxiproxy/adapter.js';
import type { ServiceDefinition } from '../definition.js';
import { all } from '../start.js';
import type { Account, MxLink, StartRequest } from '../stack.js';
import type { Fleet } from './fleet.js';
import type { Images } from './run-images.js';
import { movesClocks } from './movable.js';
import { OUTSIDE_MTA, outsideMtaDefinition } from './outside-mta.js';
import { bindSeeing } from './shared-folder.js';
import { OUTSIDE, OUTSIDE_COMMAND, outsideDefinition, TOXIPROXY } from './test-bed.js';

const MX_PORT = 24_100;
/** Where the outside's container answers every connection with 421 (images/outside). */
const CLOSED_MX_PORT = 2_525;

/** How an `mx-probe` reaches the MX as the outside MTAs do. */
export const MX_PROBE: readonly string[] = [
  '--volume',
  MX_KEY,
  '--host',
  TOXIPROXY,
  '--port',
  String(MX_PORT),
];

/** A service of the stack with its name. */
export interface NamedService {
  readonly name: string;
  readonly definition: ServiceDefinition;
}

/** The stack's own services. */
export type MailServices = Readonly<Record<ServiceDefinition['role'], NamedService>>;

/** What the mail side of a run is started with. */
export interface MailParts {
  readonly request: StartRequest;
  readonly fleet: Fleet;
  readonly images: Images;
  readonly services: MailServices;
  readonly accounts: readonly Account[];
  /** The run's folder of mount points on the engine's machine. */
  readonly runFolder: string;
}

/** The stack's services, the outside, and the MTAs of the correspondents, side by side. */
export async function startMail(parts: MailParts): Promise<void> {
  const { request, fleet, images, services } = parts;
  await all([
    ...request.plan.outsideMtas.map((planned) => startOutsideMta(parts, planned)),
    fleet.start({
      name: OUTSIDE,
      definition: outsideDefinition,
      image: images(OUTSIDE),
      command: OUTSIDE_COMMAND,
    }),
    ...[services.store, services.mta].map((service) => startService(parts, service)),
  ]);
}

/** The link to the MX through which the outside MTAs deliver; null where there are none. */
export async function linkMx(
  { outsideMtas }: Plan,
  toxiproxy: Toxiproxy,
  { name, definition }: NamedService,
): Promise<MxLink | null> {
  const port = definition.ports.mx;
  if (outsideMtas.length === 0 || port === undefined) return null;
  const link = {
    proxy: MX_KEY,
    open: `${name}:${String(port)}`,
    closed: `${OUTSIDE}:${String(CLOSED_MX_PORT)}`,
  };
  await toxiproxy.createProxy({
    name: link.proxy,
    listen: `0.0.0.0:${String(MX_PORT)}`,
    upstream: link.open,
  });
  return link;
}

/** What a mail container is told; `given` is whom it serves, and how. */
function told(plan: Plan, given: object): Record<string, string> {
  return {
    NOBOUNCE_STACK: JSON.stringify(given),
    ...(movesClocks(plan) ? { NOBOUNCE_CLOCK: 'movable' } : {}),
  };
}

async function startService(parts: MailParts, { name, definition }: NamedService): Promise<void> {
  const { request, fleet, images, services, accounts, runFolder } = parts;
  const { plan, run } = request;
  const domains = plan.scenario.domains.map((domain) => ({
    name: domain.name,
    mailboxes: accounts.filter(({ address }) => address.endsWith(`@${domain.name}`)),
  }));
  const given = {
    run,
    domains,
    volumes: plan.volumes.map((volume) => ({ name: volume })),
    services: { store: services.store.name, outside: OUTSIDE },
  };
  const { volumesAt } = definition;
  const binds = volumesAt === undefined ? [] : [bindSeeing(runFolder, volumesAt)];
  await fleet.start({ name, definition, image: images(name), environment: told(plan, given), binds });
}

async function startOutsideMta(
  { request, fleet, images }: MailParts,
  { name, lifetime, warning }: PlannedOutsideMta,
): Promise<void> {
  const { plan, run } = request;
  const given = {
    run,
    name,
    domains: plan.scenario.domains.map((domain) => ({ name: domain.name })),
    services: { outside: OUTSIDE },
    mx: { host: TOXIPROXY, port: MX_PORT },
    lifetimeS: Math.round(lifetime / 1_000),
    warningS: Math.round(warning / 1_000),
  };
  await fleet.start({
    name,
    definition: outsideMtaDefinition,
    image: images(OUTSIDE_MTA),
    environment: told(plan, given),
  });
}
