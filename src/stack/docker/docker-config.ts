import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { NobounceError } from '../../errors/errors.js';

/** What of a machine decides which engine is used; a value of its own, so that tests need no other machine. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Null where there are none (Windows). */
  readonly uid: number | null;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return { env: process.env, home: homedir(), platform: process.platform, uid: process.getuid?.() ?? null };
}

const configSchema = z.object({
  currentContext: z.string().optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

/** What matters here of Docker's `config.json` (https://docs.docker.com/reference/cli/docker/#configuration-files). */
export type DockerConfig = z.output<typeof configSchema>;

const contextSchema = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string().optional() }).optional() }),
});

/** A variable's value; what is empty counts as not set, as for the docker command. */
export function variable({ env }: Machine, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

export function dockerConfigDir(machine: Machine): string {
  return variable(machine, 'DOCKER_CONFIG') ?? join(machine.home, '.docker');
}

function parsed<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new NobounceError('environment', `${what} cannot be read as Docker's JSON`, {
      cause,
      advice: 'mend or remove it; `docker info` complains of it as well',
    });
  }
}

/**
 * Docker's configuration; empty where there is none.
 * @throws NobounceError (`environment`) where it is broken: testcontainers would die of it.
 */
export function dockerConfig(machine: Machine): DockerConfig {
  const file = join(dockerConfigDir(machine), 'config.json');
  const config = existsSync(file) ? parsed(configSchema, readFileSync(file, 'utf8'), file) : {};
  const auth = variable(machine, 'DOCKER_AUTH_CONFIG');
  if (auth === undefined) return config;
  // For credentials it stands in the file's place.
  const { credsStore, credHelpers } = parsed(configSchema, auth, 'DOCKER_AUTH_CONFIG');
  return { currentContext: config.currentContext, credsStore, credHelpers };
}

/** A named context: its engine, and the folder of its certificates where it has some. */
export interface DockerContext {
  readonly host: string | undefined;
  readonly certPath: string | null;
}

/** Reads a context as the docker command stores it, in a folder named by the SHA-256 of its name; undefined where there is none. */
export function dockerContext(machine: Machine, name: string): DockerContext | undefined {
  const contexts = join(dockerConfigDir(machine), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(contexts, 'meta', id, 'meta.json');
  if (!existsSync(file)) return undefined;
  const { Endpoints } = parsed(contextSchema, readFileSync(file, 'utf8'), file);
  const certificates = join(contexts, 'tls', id, 'docker');
  return { host: Endpoints.docker?.Host, certPath: existsSync(certificates) ? certificates : null };
}

/** The registries that images of ours come from, as Docker's configuration may name them. */
const REGISTRIES = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'ghcr.io'];

function isOnPath({ env, platform }: Machine, program: string): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, platform === 'win32' ? `${program}.exe` : program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The program that Docker's configuration asks for credentials and that is not there, such as
 * `docker-credential-desktop`; null where nothing is missing. Nothing can be built or pulled without it.
 */
export function missingCredentialHelper(machine: Machine): string | null {
  const { credsStore, credHelpers } = dockerConfig(machine);
  const ours = REGISTRIES.flatMap((registry) => credHelpers?.[registry] ?? []);
  const programs = [credsStore ?? '', ...ours]
    .filter((name) => name !== '')
    .map((name) => `docker-credential-${name}`);
  return programs.find((program) => !isOnPath(machine, program)) ?? null;
}

/** What to do about a missing credential helper. */
export function credentialHelperAdvice(machine: Machine): string {
  const file =
    variable(machine, 'DOCKER_AUTH_CONFIG') === undefined
      ? join(dockerConfigDir(machine), 'config.json')
      : 'DOCKER_AUTH_CONFIG';
  return `install it, or take credsStore and credHelpers out of ${file}`;
}
