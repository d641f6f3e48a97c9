import type { StartedTestContainer } from 'testcontainers';
import { NobounceError } from '../../errors/errors.js';
import type { ServiceDefinition } from '../definition.js';
import type { Address, ServiceRole } from '../stack.js';

/** A service's container, and the lines it prints. */
export interface DockerService {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly container: StartedTestContainer;
  readonly image: string;
  readonly role: ServiceRole;
  readonly lines: Set<(line: string) => void>;
  /** Called when the stream of its lines ends. */
  readonly ends: Set<(error: Error) => void>;
  /** Lines printed before anybody listened. */
  readonly recent: string[];
}

/** Where this machine reaches a port of a service. Throws a usage error where the stack declares no such port. */
export function endpointOf(
  { container, definition, name }: DockerService,
  purpose: 'mx' | 'submission' | 'imap',
): Address {
  const port = definition.ports[purpose];
  if (port === undefined)
    throw new NobounceError('usage', `the service ${name} declares no port for ${purpose}`);
  return { host: container.getHost(), port: container.getMappedPort(port) };
}
