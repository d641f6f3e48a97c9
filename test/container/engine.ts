import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOfEngine, sharedFolder } from '../../src/stack/docker/shared-folder.js';

/** The lines that the docker command prints; throws where it fails. */
export function docker(...args: readonly string[]): string[] {
  return execFileSync('docker', [...args], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

/** Where the engine's machine has the mount points of a run. */
export function runFolder(run: string): string {
  const [id = ''] = docker('info', '--format', '{{.ID}}');
  return join(sharedFolder(), folderOfEngine(id), run);
}

/** Containers and networks of one run, and where the engine's machine is this one, its mounts and its folder. */
export function leftOf(run: string): string[] {
  const filter = `label=org.nobounce.run=${run}`;
  const folder = runFolder(run);
  return [
    ...docker('ps', '-aq', '--filter', filter),
    ...docker('network', 'ls', '-q', '--filter', filter),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${folder}/`)),
    ...(existsSync(folder) ? [folder] : []),
  ];
}
