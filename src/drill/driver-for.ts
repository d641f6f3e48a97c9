import type { Driver } from '../stack/driver.js';
import type { StackDefinition } from '../stack/definition.js';
import { dockerConfig, thisMachine } from '../stack/docker/docker-config.js';
import { EmbeddedDriver } from '../stack/embedded/driver.js';

/**
 * The driver of a stack.
 * @throws NobounceError (`environment`) where Docker's own configuration is broken.
 */
export async function driverFor(stack: StackDefinition): Promise<Driver> {
  if (stack.driver === 'embedded') return new EmbeddedDriver(stack);
  // testcontainers reads it as soon as it is loaded, and a broken one ends the process.
  dockerConfig(thisMachine());
  const { DockerDriver } = await import('../stack/docker/driver.js');
  return new DockerDriver(stack);
}
