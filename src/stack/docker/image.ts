import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import debug from 'debug';
import { GenericContainer, ImageName, type ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { NobounceError } from '../../errors/errors.js';
import { formatDurationMs } from '../../units/duration.js';
import { credentialHelperAdvice, missingCredentialHelper, thisMachine } from './docker-config.js';
import { IMAGE_PREFIX } from './engine.js';

/** A folder with a Dockerfile in it or below it. */
export interface ImageSource {
  /** The image's name without prefix and tag. */
  readonly name: string;
  readonly contextDir: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The tag of an image that would be built from this: the same content gives the same tag, on every machine. What
 * counts is paths, executable bits, bytes, and build arguments.
 */
export async function contentTag(source: ImageSource): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([source.dockerfile, source.args]));
  const files = (await filesBelow(source.contextDir)).sort();
  for (const file of files) {
    const executable = ((await stat(file)).mode & 0o111) !== 0;
    hash
      .update(`\0${relative(source.contextDir, file)}\0${String(executable)}\0`)
      .update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

const BUILD_LOG = 'testcontainers:build';

/**
 * Follows the engine's build output, which testcontainers gives to its debug log and nowhere else. Taken before it is
 * written: under NODE_ENV=test, which vitest sets, that log goes to standard output.
 */
function followBuild(onLine: (line: string) => void): () => void {
  const namespaces = debug.disable();
  debug.enable([namespaces, BUILD_LOG].filter((part) => part !== '').join(','));
  const before = debug.formatArgs;
  debug.formatArgs = function (args): void {
    if (this.namespace === BUILD_LOG) {
      this.log = () => undefined;
      onLine(args.map(String).join(' '));
    } else before.call(this, args);
  };
  return () => {
    debug.formatArgs = before;
    debug.enable(namespaces);
  };
}

const builds = new Map<string, Promise<string>>();

/**
 * Makes sure that the image of a folder is there, and gives its full name. Built once by content: a second run finds
 * it by its tag. Throws an environment error with the end of the build's output where it does not build.
 */
export async function ensureImage(
  client: ContainerRuntimeClient,
  source: ImageSource,
  progress: (line: string) => void,
): Promise<string> {
  const image = `${IMAGE_PREFIX}${source.name}:${await contentTag(source)}`;
  if (await client.image.exists(ImageName.fromString(image))) return image;
  const building = builds.get(image) ?? build(image, source, progress).finally(() => builds.delete(image));
  builds.set(image, building);
  return building;
}

let lastBuild: Promise<unknown> = Promise.resolve();

function build(image: string, source: ImageSource, progress: (line: string) => void): Promise<string> {
  // One after the other: they share the package mirror and two cores, and their output one log.
  const next = lastBuild.then(
    () => buildNow(image, source, progress),
    () => buildNow(image, source, progress),
  );
  lastBuild = next.catch(() => undefined);
  return next;
}

async function buildNow(
  image: string,
  source: ImageSource,
  progress: (line: string) => void,
): Promise<string> {
  const startMs = performance.now();
  const output: string[] = [];
  progress(`building ${source.name} (once; it takes a minute or two)`);
  const unfollow = followBuild((line) => {
    const quoted = /"(?:stream|error)":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    const text = quoted === undefined ? undefined : z.string().parse(JSON.parse(quoted)).trim();
    if (text === undefined || text === '') return;
    output.push(text);
    const step = /^Step \d+\/\d+ : .*/.exec(text)?.[0];
    if (step !== undefined) progress(`building ${source.name}: ${step.slice(0, 100)}`);
  });
  try {
    const builder = GenericContainer.fromDockerfile(source.contextDir, source.dockerfile);
    await builder.withBuildArgs({ ...source.args }).build(image, { deleteOnExit: false });
  } catch (cause) {
    const helper = missingCredentialHelper(thisMachine());
    if (helper !== null) {
      const why = `Docker is configured to ask ${helper} for credentials, which is not on the PATH`;
      const advice = credentialHelperAdvice(thisMachine());
      throw new NobounceError('environment', `image ${source.name} cannot be built: ${why}`, {
        cause,
        advice,
      });
    }
    const tail = output.slice(-12).join('\n  ');
    throw new NobounceError('environment', `image ${source.name} does not build\n  ${tail}`, {
      cause,
      advice: `read the output above; the Dockerfile is ${join(basename(source.contextDir), source.dockerfile)}`,
    });
  } finally {
    unfollow();
  }
  progress(`built ${source.name} in ${formatDurationMs(performance.now() - startMs)}`);
  return image;
}
