import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { NobounceError } from '../errors/errors.js';
import { DIALECTS, isDialect, type DialectName } from '../mta/registry.js';

const argv = z.array(z.string()).min(1);
const environment = z.record(z.string(), z.string()).default({});

const service = z.strictObject({
  role: z.enum(['array', 'store', 'mta', 'outside']),
  build: z.strictObject({
    /** Relative to the stack's folder. */
    context: z.string(),
    /** Relative to the context. */
    dockerfile: z.string(),
    arguments: z.record(z.string(), z.string()).default({}),
  }),
  environment,
  /** Purpose → container port; published on 127.0.0.1 alone. */
  ports: z.partialRecord(z.enum(['mx', 'submission', 'imap', 'lmtp']), z.number().int()),
  /** It mounts the volumes: a storage probe runs in it, and `mount-lost` acts on it. */
  mountsVolumes: z.boolean(),
  /** All others are dropped. */
  capabilities: z.array(z.string()),
  /** `movable`: it has `clock-ctl`, and NOBOUNCE_CLOCK=movable makes its clock one that can be moved. */
  clock: z.enum(['movable', 'fixed']).default('fixed'),
  devices: z.array(z.string()).default([]),
  securityOptions: z.array(z.string()).default([]),
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

const docker = z.strictObject({
  name: z.string(),
  title: z.string(),
  driver: z.literal('docker'),
  services: z.record(z.string(), service),
  deviations,
});

const embedded = z.strictObject({
  name: z.string(),
  title: z.string(),
  driver: z.literal('embedded'),
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

/** The stacks that come with nobounce, by name. */
export function listStacks(stacksDir: string): readonly string[] {
  return readdirSync(stacksDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(stacksDir, entry.name, 'stack.yaml')))
    .map(({ name }) => name)
    .sort();
}

/** The folder of a stack by its name or path, whether or not it is there. */
export function stackDir(nameOrPath: string, stacksDir: string): string {
  const isPath = /[/\\]/.test(nameOrPath) || nameOrPath.startsWith('.');
  return isPath ? resolve(nameOrPath) : join(stacksDir, nameOrPath);
}

/**
 * Reads a stack: the name of one that comes with nobounce, or a path to a folder. Throws a usage error that lists
 * the stacks there are, or says what is wrong in its `stack.yaml`.
 */
export function loadStack(nameOrPath: string, stacksDir: string): StackDefinition {
  const dir = stackDir(nameOrPath, stacksDir);
  const file = join(dir, 'stack.yaml');
  if (!existsSync(file)) {
    const known = listStacks(stacksDir).join(', ');
    throw new NobounceError('usage', `there is no stack ${JSON.stringify(nameOrPath)} (looked for ${file})`, {
      advice: `name one of: ${known}; or a folder with a stack.yaml, such as ./my-stack`,
    });
  }
  let written: unknown;
  try {
    written = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new NobounceError('usage', `${file} is not YAML`, { cause });
  }
  const parsed = definitionSchema.safeParse(written);
  if (parsed.success) return { ...parsed.data, dir };
  const problems = parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`);
  throw new NobounceError('usage', problems.join('\n'), { advice: 'docs/stacks.md describes the format' });
}
