import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { NobounceError } from '../errors/errors.js';
import { DIALECTS, isDialect, type DialectName } from '../mta/registry.js';
import { problemsOf, type PathProblem } from '../scenario/describe.js';
import { formatProblem } from '../scenario/problem.js';
import type { StackLimits } from '../scenario/warnings.js';
import { inOrder, readText, YamlFile } from '../scenario/yaml-file.js';
import { name } from '../units/fields.js';
import type { ServiceRole } from './stack.js';
import { isKeys, isStackPath, parentDir, variantOf } from './variant.js';

/** What a stack is made of: each role has one service. All else that a run has is of the test bed. */
const ROLES = ['store', 'mta'] as const;
type Role = (typeof ROLES)[number];

/** Far more than a stack of a drill needs, and less than what would take the machine down with it. */
export const DEFAULT_LIMITS = { memoryMiB: 2_048, processes: 2_048 } as const;

const argv = z.array(z.string()).min(1);
const title = z.string().min(1).max(200);
const environment = z.record(z.string(), z.string()).default({});

const service = z.strictObject({
  role: z.enum(ROLES),
  build: z.strictObject({
    /** Relative to the stack's folder. */
    context: z.string(),
    /** Relative to the context. */
    dockerfile: z.string(),
    arguments: z.record(z.string(), z.string()).default({}),
  }),
  environment,
  /** Purpose → container port; published on 127.0.0.1 alone. */
  ports: z.partialRecord(z.enum(['mx', 'submission', 'imap', 'lmtp']), z.number().int().min(1).max(65_535)),
  /** Where it sees the volumes, each in a folder of its name. Without it, it sees none. */
  volumesAt: z
    .string()
    .regex(/^(?:\/[^/:]+)+$/, { error: 'expected an absolute path such as /srv/mail' })
    .optional(),
  /** All others are dropped. */
  capabilities: z.array(z.string()),
  /** `movable`: it has `clock-ctl`, and NOBOUNCE_CLOCK=movable makes its clock one that can be moved. */
  clock: z.enum(['movable', 'fixed']).default('fixed'),
  /** What its container may take of the machine: beyond this memory its processes are killed, beyond this many none is started. */
  limits: z
    .strictObject({
      memoryMiB: z.number().int().min(16).max(1_048_576).default(DEFAULT_LIMITS.memoryMiB),
      processes: z.number().int().min(16).max(1_000_000).default(DEFAULT_LIMITS.processes),
    })
    .default(DEFAULT_LIMITS),
  /** How its MTA speaks: its log, its queue, its lifetimes (src/mta). */
  dialect: z
    .custom<DialectName>(isDialect, { error: `expected one of: ${Object.keys(DIALECTS).join(', ')}` })
    .default('postfix'),
  commands: z
    .strictObject({
      watchQueue: argv,
      flushQueue: argv,
      queueLifetimes: argv.optional(),
    })
    .optional(),
});

const id = z.number().int().min(0).max(4_294_967_294);

/** How the machines of a stack keep its volumes; the mounts themselves are the test bed's. */
const volumes = z.strictObject({
  /** What lies under a mount: a folder of the owner's, or one of root's to which nobody else can write. */
  mountPoint: z.enum(['writable', 'protected']),
  /** Whose the root of each volume is. */
  owner: z.strictObject({ uid: id, gid: id }),
  /** How long operations wait for an array that is gone before they fail; 0: they fail at once. */
  failoverSeconds: z.number().int().min(0).max(86_400).default(0),
});

/** Where a stack differs from its packages' defaults, and why. */
const deviations = z.array(
  z.strictObject({
    service: z.string(),
    setting: z.string(),
    stock: z.string(),
    here: z.string(),
    why: z.string(),
  }),
);

/** The stack of which this one is a variant (variant.ts). */
const parent = z.string().optional();

const docker = z.strictObject({
  name: title,
  title,
  extends: parent,
  driver: z.literal('docker'),
  /** The largest message that its MTA takes. */
  maxMessageBytes: z.number().int().min(1).optional(),
  volumes,
  services: z.record(name, service),
  deviations,
});

const embedded = z.strictObject({
  name: title,
  title,
  extends: parent,
  driver: z.literal('embedded'),
  maxMessageBytes: z.number().int().min(1).optional(),
  mta: z.strictObject({
    /** Haraka's plugin, relative to the stack's folder. */
    plugin: z.string(),
    /** Between attempts to deliver: the first pause, doubled until the last. */
    retry: z.strictObject({
      firstSeconds: z.number().int().min(1),
      lastSeconds: z.number().int().min(1),
    }),
  }),
  deviations,
});

const definitionSchema = z.discriminatedUnion('driver', [docker, embedded]);

/** A stack folder's `stack.yaml` (docs/stacks.md), with the folder it was read from. */
export type StackDefinition = z.output<typeof definitionSchema> & { readonly dir: string };
export type DockerStack = z.output<typeof docker> & { readonly dir: string };
export type EmbeddedStack = z.output<typeof embedded> & { readonly dir: string };
export type ServiceDefinition = z.output<typeof service>;
/** What a container is started by, of a stack or of the test bed. */
export type ContainerDefinition = Omit<ServiceDefinition, 'role' | 'build'> & { readonly role: ServiceRole };

/** What a scenario can know of a stack before it runs. */
export function stackLimits({ maxMessageBytes }: StackDefinition): StackLimits {
  return { messageBytes: maxMessageBytes ?? null };
}

/** The stacks that come with nobounce, by name. */
export function listStacks(stacksDir: string): readonly string[] {
  return readdirSync(stacksDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(stacksDir, entry.name, 'stack.yaml')))
    .map(({ name }) => name)
    .sort();
}

/** The folder of a stack by its name or path, whether or not it is there. */
export function stackDir(nameOrPath: string, stacksDir: string): string {
  return isStackPath(nameOrPath) ? resolve(nameOrPath) : join(stacksDir, nameOrPath);
}

const FILE = 'stack.yaml';

/** What the containers of the test bed are called beside those of the stack. */
const RESERVED = /^(?:toxiproxy|mounts|lease|outside|array-.*|outside-mta-\d+)$/;

/** The ports without which a role has nothing to say to anybody. */
const NEEDED_PORTS: Readonly<Record<Role, readonly ('mx' | 'submission' | 'imap')[]>> = {
  store: ['imap'],
  mta: ['mx', 'submission'],
};

const problem = (path: readonly PropertyKey[], message: string, atKey = false): PathProblem => ({
  path,
  message,
  atKey,
});

/** What each role lacks, or has too much of: a service that nobody starts would be a silent mistake. */
function roleProblems(services: Readonly<Record<string, ServiceDefinition>>): readonly PathProblem[] {
  const missing = ROLES.filter((role) => !Object.values(services).some((one) => one.role === role));
  const taken = new Map<Role, string>();
  return [
    ...missing.map((role) =>
      problem(['services'], `no service has the role ${role}: a stack has ${ROLES.join(', ')}`, true),
    ),
    ...Object.entries(services).flatMap(([service, { role }]) => {
      const first = taken.get(role);
      taken.set(role, first ?? service);
      if (first === undefined) return [];
      return [
        problem(
          ['services', service, 'role'],
          `${first} has the role ${role} already, and ${service} would never be started`,
        ),
      ];
    }),
  ];
}

function serviceProblems(
  dir: string,
  stacksDir: string,
  name: string,
  definition: ServiceDefinition,
): readonly PathProblem[] {
  const { role, ports, commands, capabilities, build } = definition;
  const at = ['services', name];
  const problems: PathProblem[] = [];
  if (RESERVED.test(name))
    problems.push(problem(at, `${name} is the name of a container of the test bed`, true));
  const lacking = NEEDED_PORTS[role].filter((port) => ports[port] === undefined);
  if (lacking.length > 0)
    problems.push(
      problem([...at, 'ports'], `a service of the role ${role} needs the port ${lacking.join(' and ')}`),
    );
  if (role === 'mta' && commands === undefined)
    problems.push(problem(at, 'a service of the role mta needs `commands`: watchQueue and flushQueue', true));
  const all = capabilities.findIndex((capability) => /^(?:CAP_)?ALL$/i.test(capability));
  if (all >= 0)
    problems.push(
      problem(
        [...at, 'capabilities', all],
        'name the capabilities that it needs: all of them are never given',
      ),
    );
  const context = contextDir(dir, stacksDir, build.context);
  if (context === null) {
    const looked = `${resolve(dir, build.context)} is no folder`;
    problems.push(
      problem([...at, 'build', 'context'], `${looked}: a context is a path from the folder of this file`),
    );
  } else if (
    !existsSync(join(context, build.dockerfile)) ||
    relative(context, resolve(context, build.dockerfile)).startsWith('..')
  ) {
    problems.push(
      problem(
        [...at, 'build', 'dockerfile'],
        `there is no ${join(build.context, build.dockerfile)}: a Dockerfile is a path from the context`,
      ),
    );
  }
  return problems;
}

/**
 * Where an image is built: from the stack's own folder on; where a path that leads out of it leads nowhere, from where it
 * would lead for a stack that comes with nobounce, whose images a copied stack goes on using. Null: nowhere.
 */
function contextDir(dir: string, stacksDir: string, context: string): string | null {
  const own = resolve(dir, context);
  const isFolder = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder(own)) return own;
  const shared = resolve(stacksDir, 'copy', context);
  return relative(dir, own).startsWith('..') && isFolder(shared) ? shared : null;
}

/** What a schema cannot know: what lies around the file, and how the services go together. */
function surroundingProblems(
  definition: z.output<typeof definitionSchema>,
  dir: string,
  stacksDir: string,
): readonly PathProblem[] {
  if (definition.driver === 'embedded') {
    const { plugin } = definition.mta;
    return existsSync(resolve(dir, plugin))
      ? []
      : [problem(['mta', 'plugin'], `there is no ${plugin} in the folder of this file`)];
  }
  const { services } = definition;
  const isSeen = Object.values(services).some(({ volumesAt }) => volumesAt !== undefined);
  return [
    ...roleProblems(services),
    ...(isSeen
      ? []
      : [problem(['services'], 'no service sees the volumes: what keeps mailboxes needs `volumesAt`', true)]),
    ...Object.entries(services).flatMap(([service, one]) => serviceProblems(dir, stacksDir, service, one)),
  ];
}

/** The definition with every path resolved: it holds for whatever is made of it, wherever that lies. */
function resolved(
  definition: z.output<typeof definitionSchema>,
  dir: string,
  stacksDir: string,
): StackDefinition {
  if (definition.driver === 'embedded') {
    const { mta } = definition;
    return { ...definition, mta: { ...mta, plugin: resolve(dir, mta.plugin) }, dir };
  }
  const services = Object.entries(definition.services).map(([service, one]) => {
    const context = contextDir(dir, stacksDir, one.build.context) ?? one.build.context;
    return [service, { ...one, build: { ...one.build, context } }] as const;
  });
  return { ...definition, services: Object.fromEntries(services), dir };
}

/**
 * Reads a stack: the name of one that comes with nobounce, or a path to a folder. Nothing is built or started.
 * @throws NobounceError (`usage`) that lists the stacks there are, or says what is wrong in its `stack.yaml`, or in that
 * of a stack which it extends, each with file:line:column.
 */
export function loadStack(nameOrPath: string, stacksDir: string): StackDefinition {
  const dir = stackDir(nameOrPath, stacksDir);
  const file = join(dir, FILE);
  if (!existsSync(file)) {
    const known = listStacks(stacksDir).join(', ');
    throw new NobounceError('usage', `there is no stack ${JSON.stringify(nameOrPath)} (looked for ${file})`, {
      advice: `name one of: ${known}; or a folder with a stack.yaml, such as ./my-stack`,
    });
  }
  return readStack([dir], stacksDir);
}

/** @param way the folders of the stacks that extend it, and its own as the last */
function readStack(way: readonly [string, ...string[]], stacksDir: string): StackDefinition {
  const dir = way.at(-1) ?? way[0];
  const file = join(dir, FILE);
  const advice = 'mend the stack.yaml; docs/stacks.md describes the format';
  const yaml = YamlFile.parse(readText(file, advice), file);
  if (!(yaml instanceof YamlFile)) throw new NobounceError('usage', formatProblem(yaml), { advice });
  const { whole, inheritedDeviations } = withParent(yaml, way, stacksDir);
  const parsed = definitionSchema.safeParse(whole);
  const problems = parsed.success
    ? surroundingProblems(parsed.data, dir, stacksDir)
    : problemsOf(definitionSchema, whole, []);
  if (parsed.success && problems.length === 0) return resolved(parsed.data, dir, stacksDir);
  const told = inOrder(problems.map((one) => yaml.problem(inOwnFile(one, inheritedDeviations))));
  throw new NobounceError('usage', told.map(formatProblem).join('\n'), { advice });
}

/** What a file says, laid over the stack that it extends. */
function withParent(
  yaml: YamlFile,
  way: readonly [string, ...string[]],
  stacksDir: string,
): { readonly whole: unknown; readonly inheritedDeviations: number } {
  const { value } = yaml;
  if (!isKeys(value) || value['extends'] === undefined) return { whole: value, inheritedDeviations: 0 };
  const refuse = (path: readonly PropertyKey[], message: string): never => {
    throw new NobounceError('usage', formatProblem(yaml.problem(problem(path, message))), {
      advice: 'docs/stacks.md says what `extends` means',
    });
  };
  const found = parentDir(value['extends'], way, { dir: stacksDir, names: listStacks(stacksDir) });
  if ('problem' in found) return refuse(['extends'], found.problem);
  // A parent is a stack of its own: what is wrong in it is told of it, and not of its variants.
  const parentStack = readStack([...way, found.dir], stacksDir);
  if (value['driver'] !== undefined && value['driver'] !== parentStack.driver)
    return refuse(
      ['driver'],
      `a variant runs on the driver of the stack that it extends: ${parentStack.driver}`,
    );
  return variantOf(parentStack, value);
}

/** A place of the whole, as it is in the variant's own file. */
function inOwnFile(one: PathProblem, inheritedDeviations: number): PathProblem {
  const [key, index, ...rest] = one.path;
  if (key !== 'deviations' || typeof index !== 'number') return one;
  return { ...one, path: [key, index - inheritedDeviations, ...rest] };
}
