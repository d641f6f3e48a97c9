import { randomBytes } from 'node:crypto';
import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { engineCall } from './call.js';
import { containerName, LABEL_LEASE, labels } from './labels.js';

const ending = z.object({ StatusCode: z.number() });

interface OneShot {
  readonly image: string;
  readonly command: readonly string[];
  /** As `docker run -v` takes it. */
  readonly bind: string;
  readonly capabilities: readonly string[];
  readonly securityOptions: readonly string[];
}

/**
 * Runs one command in a container of its own, without a network. It is its own lease: nobody sweeps it while it works,
 * and everybody may when it has ended.
 */
export async function oneShot(
  client: ContainerRuntimeClient,
  { image, command, bind, capabilities, securityOptions }: OneShot,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const what = `a container for \`${command.join(' ')}\``;
  const run = `once-${randomBytes(4).toString('hex')}`;
  const creating = client.container.dockerode.createContainer({
    name: containerName(run, 'once'),
    Image: image,
    Entrypoint: [],
    Cmd: [...command],
    Labels: { ...labels(run, false), [LABEL_LEASE]: 'true' },
    // One stream, without the engine's frames around its parts.
    Tty: true,
    HostConfig: {
      NetworkMode: 'none',
      Binds: [bind],
      CapDrop: ['ALL'],
      CapAdd: [...capabilities],
      SecurityOpt: [...securityOptions, 'no-new-privileges'],
    },
  });
  const container = await engineCall(creating, what);
  try {
    await engineCall(container.start(), what);
    const ended = ending.parse(await engineCall<unknown>(container.wait(), `the end of ${what}`));
    const log = await engineCall(container.logs({ stdout: true, stderr: true }), `the output of ${what}`);
    return { exitCode: ended.StatusCode, said: log.toString('utf8').replaceAll('\r', '').trim() };
  } finally {
    await engineCall(container.remove({ force: true, v: true }), `the removal of ${what}`);
  }
}
