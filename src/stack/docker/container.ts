import { GenericContainer } from 'testcontainers';

/** testcontainers' container with what it has no option for: devices, and ports bound to 127.0.0.1 alone. */
export class LocalContainer extends GenericContainer {
  withDevices(paths: readonly string[]): this {
    this.hostConfig.Devices = paths.map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    }));
    return this;
  }

  protected override beforeContainerCreated(): Promise<void> {
    const bindings = Object.keys(this.createOpts.ExposedPorts ?? {});
    this.hostConfig.PortBindings = Object.fromEntries(
      bindings.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '0' }]]),
    );
    return Promise.resolve();
  }
}
