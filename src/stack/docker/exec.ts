import { PassThrough } from 'node:stream';
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { withDeadline } from '../../errors/deadline.js';
import { NobounceError } from '../../errors/errors.js';
import { LineSplitter } from '../lines.js';
import { engineCall } from './call.js';
import type { Watch, WatchListener } from '../stack.js';

/** Where a command can be run. */
export type Runnable = Pick<StartedTestContainer, 'exec'>;

/** Runs a command in a container and gives its standard output. Throws on a non-zero exit and after `timeoutMs`. */
export async function run(
  container: Runnable,
  service: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const what = `\`${command.join(' ')}\` in ${service}`;
  const { exitCode, stdout, stderr } = await withDeadline(container.exec([...command]), timeoutMs, what);
  if (exitCode === 0) return stdout;
  throw new NobounceError(
    'harness',
    `${what} failed with exit code ${String(exitCode)}: ${(stderr || stdout).trim()}`,
  );
}

/** What a watch says of time is real time, also where the service's clock has been moved (libfaketime(1)). */
const REAL_TIME = 'FAKETIME=+0';

/** Runs a command that prints lines for as long as the container lives, and gives each line to the listener. */
export async function follow(
  client: ContainerRuntimeClient,
  container: StartedTestContainer,
  command: readonly string[],
  listener: WatchListener<string>,
): Promise<Watch> {
  const docker = client.container.dockerode;
  const starting = docker
    .getContainer(container.getId())
    .exec({ Cmd: [...command], Env: [REAL_TIME], AttachStdout: true, AttachStderr: true })
    .then((execution) => execution.start({ hijack: true, stdin: false }));
  const stream = await engineCall(starting, `the output of \`${command.join(' ')}\``);
  let stopped = false;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let complaint = '';
  stdout.on('data', new LineSplitter(listener.next).push);
  stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-500);
  });
  docker.modem.demuxStream(stream, stdout, stderr);
  const ended = (): void => {
    if (stopped) return;
    stopped = true;
    listener.broken(new Error(`\`${command.join(' ')}\` ended: ${complaint.trim() || 'no reason given'}`));
  };
  stream.on('end', ended);
  stream.on('close', ended);
  stream.on('error', ended);
  return {
    stop: () => {
      stopped = true;
      stream.destroy();
      return Promise.resolve();
    },
  };
}
