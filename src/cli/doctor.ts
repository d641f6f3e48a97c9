import { accessSync, constants, existsSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { ImageName, type ContainerRuntimeClient } from 'testcontainers';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import { connectEngine } from '../stack/docker/engine.js';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The command that mends it. */
  readonly mend: string;
}

const SETUP = 'sudo bash scripts/setup-docker.sh';

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node.js', ok, detail: process.versions.node, mend: 'install Node.js 20.19 or newer' };
}

function fuse(): Finding {
  let ok = existsSync('/dev/fuse');
  try {
    accessSync('/dev/fuse', constants.F_OK);
  } catch {
    ok = false;
  }
  // With a remote engine or a virtual machine the device that counts is the engine's, not this machine's.
  const detail = ok
    ? '/dev/fuse is there'
    : 'no /dev/fuse on this machine (it is needed where the engine runs)';
  return { what: 'FUSE', ok, detail, mend: 'sudo modprobe fuse' };
}

async function base(client: ContainerRuntimeClient): Promise<Finding> {
  const ok = await client.image.exists(ImageName.fromString('debian:trixie-slim'));
  const detail = ok
    ? 'debian:trixie-slim is there'
    : 'debian:trixie-slim is missing; it is pulled when it is needed';
  return { what: 'base image', ok, detail, mend: `docker pull debian:trixie-slim, or ${SETUP}` };
}

async function docker(): Promise<readonly Finding[]> {
  try {
    const client = await connectEngine();
    const { serverVersion } =
      client.info.containerRuntime.host === '' ? { serverVersion: undefined } : await serverInfo(client);
    return [
      { what: 'Docker', ok: true, detail: `engine ${serverVersion ?? 'answers'}`, mend: '' },
      await base(client),
    ];
  } catch (error) {
    if (!(error instanceof NobounceError)) throw error;
    return [{ what: 'Docker', ok: false, detail: error.message, mend: SETUP }];
  }
}

async function serverInfo(client: ContainerRuntimeClient): Promise<{ serverVersion: string | undefined }> {
  const { Version } = await client.container.dockerode.version();
  return { serverVersion: Version };
}

export const doctorCommand = new Command('doctor')
  .description('say what is missing on this machine, and the command that mends it')
  .addHelpText('after', '\nExit codes: 0 nothing is missing, 4 something is.')
  .action(async () => {
    const findings = [node(), fuse(), ...(await docker())];
    for (const { what, ok, detail, mend } of findings) {
      process.stdout.write(`${ok ? '  ok     ' : '  MISSING'} ${what.padEnd(12)} ${detail}\n`);
      if (!ok) process.stdout.write(`          ${' '.repeat(12)} → ${mend}\n`);
    }
    if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT_CODE.environment;
  });
