import { existsSync } from 'node:fs';
import type { ContainerRuntimeClient } from 'testcontainers';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import {
  credentialHelperAdvice,
  missingCredentialHelper,
  thisMachine,
  type Machine,
} from '../stack/docker/docker-config.js';
import { wrap } from '../report/columns.js';
import { findEngine } from '../stack/docker/reach.js';
import { engineShares, sharedFolder, sharingAdvice } from '../stack/docker/shared-folder.js';
import { print } from './output.js';

interface Finding {
  readonly what: string;
  /** `note`: it works, and there is something to know. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly detail: string;
  /** What mends it; empty where nothing need be done. */
  readonly mend: string;
}

const SETUP = 'sudo bash scripts/setup-docker.sh';
const BASE_IMAGE = 'debian:trixie-slim';

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node.js',
    state: ok ? 'ok' : 'missing',
    detail: process.versions.node,
    mend: ok ? '' : 'install Node.js 20.19 or newer',
  };
}

function fuse(): Finding {
  // With a virtual machine the device that counts is the engine's, not this machine's.
  return existsSync('/dev/fuse')
    ? { what: 'FUSE', state: 'ok', detail: '/dev/fuse is there', mend: '' }
    : {
        what: 'FUSE',
        state: 'missing',
        detail: 'no /dev/fuse on this machine (it is needed where the engine runs)',
        mend: 'sudo modprobe fuse',
      };
}

/** What a problem is, told as a finding; everything that is no NobounceError is a bug. */
function problem(what: string, error: unknown): Finding {
  if (!(error instanceof NobounceError)) throw error;
  return { what, state: 'missing', detail: error.message, mend: error.advice ?? '' };
}

async function engine(machine: Machine): Promise<Finding> {
  try {
    const { endpoint, kind, version } = await findEngine(machine);
    const by = endpoint.namedBy === null ? '' : `, by ${endpoint.namedBy}`;
    const detail = `${kind === 'podman' ? 'Podman' : 'engine'} ${version} at ${endpoint.uri}${by}`;
    return kind === 'docker'
      ? { what: 'Docker', state: 'ok', detail, mend: '' }
      : {
          what: 'Docker',
          state: 'note',
          detail,
          mend: 'nobounce is tested with Docker alone: a drill may fail for what Podman does otherwise',
        };
  } catch (error) {
    return problem('Docker', error);
  }
}

function credentials(machine: Machine): Finding {
  try {
    const missing = missingCredentialHelper(machine);
    return missing === null
      ? { what: 'credentials', state: 'ok', detail: 'no credential helper is missing', mend: '' }
      : {
          what: 'credentials',
          state: 'missing',
          detail: `Docker is configured to ask ${missing}, which is not on the PATH: no image can be built`,
          mend: credentialHelperAdvice(machine),
        };
  } catch (error) {
    return problem('credentials', error);
  }
}

async function base(client: ContainerRuntimeClient): Promise<Finding> {
  const { ImageName } = await import('testcontainers');
  const ok = await client.image.exists(ImageName.fromString(BASE_IMAGE));
  return {
    what: 'base image',
    state: ok ? 'ok' : 'missing',
    detail: ok ? `${BASE_IMAGE} is there` : `${BASE_IMAGE} is missing; it is pulled when it is needed`,
    mend: ok ? '' : `docker pull ${BASE_IMAGE}, or ${SETUP}`,
  };
}

/** The folder by which mail containers see the volumes: only a container can tell, for the engine may be elsewhere. */
async function shared(client: ContainerRuntimeClient): Promise<Finding> {
  const what = 'shared folder';
  const folder = sharedFolder();
  return (await engineShares(client, BASE_IMAGE, folder))
    ? { what, state: 'ok', detail: `mounts are shared below ${folder}`, mend: '' }
    : { what, state: 'missing', detail: `${folder} lies on no shared mount`, mend: sharingAdvice(folder) };
}

async function onEngine(): Promise<readonly Finding[]> {
  // Loaded only where Docker's configuration is whole: testcontainers dies of a broken one.
  const { connectEngine } = await import('../stack/docker/engine.js');
  const client = await connectEngine();
  const image = await base(client);
  if (image.state !== 'ok') return [image];
  return [image, await shared(client).catch((error: unknown) => problem('shared folder', error))];
}

/** What was found, as soon as it is: an engine may take its time. */
async function* findings(): AsyncGenerator<Finding> {
  yield node();
  yield fuse();
  const machine = thisMachine();
  const docker = await engine(machine);
  yield docker;
  const helper = credentials(machine);
  yield helper;
  if (docker.state === 'missing' || helper.state === 'missing') return;
  try {
    yield* await onEngine();
  } catch (error) {
    yield problem('base image', error);
  }
}

/** Of what stands beside the marks and names. */
const INDENT = 24;
const MARK = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' } as const;

/** Prints what is there and what is missing; the exit code says whether something is. */
export async function tellWhatIsMissing(): Promise<void> {
  const width = Math.max(60, process.stdout.isTTY ? process.stdout.columns : 80) - INDENT;
  for await (const { what, state, detail, mend } of findings()) {
    const [first = '', ...rest] = [...wrap(detail, width), ...(mend === '' ? [] : wrap(`→ ${mend}`, width))];
    print(`  ${MARK[state]} ${what.padEnd(13)} ${first}`);
    for (const line of rest) print(`${' '.repeat(INDENT)}${line}`);
    if (state === 'missing') process.exitCode = EXIT_CODE.environment;
  }
}
