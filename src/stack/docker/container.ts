import { GenericContainer } from 'testcontainers';

const MIB = 1_048_576;

/** testcontainers' container with what it has no option for: devices, binds with their propagation, limits, and ports bound to 127.0.0.1 alone. */
export class LocalContainer extends GenericContainer {
  #id = '';
  #follow: (containerId: string) => Promise<void> = () => Promise.resolve();

  withDevices(paths: readonly string[]): this {
    this.hostConfig.Devices = paths.map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    }));
    return this;
  }

  /** Folders of the engine's machine, as `docker run -v` takes them: a folder that is not there is made. */
  withBinds(binds: readonly string[]): this {
    this.hostConfig.Binds = [...binds];
    return this;
  }

  withLimits({ memoryMiB, processes }: { readonly memoryMiB: number; readonly processes: number }): this {
    this.hostConfig.Memory = memoryMiB * MIB;
    this.hostConfig.PidsLimit = processes;
    return this;
  }

  /** Calls `follow` with the container's id as soon as it was started, before anything is waited for. */
  whenStarted(follow: (containerId: string) => Promise<void>): this {
    this.#follow = follow;
    return this;
  }

  protected override containerCreated(containerId: string): Promise<void> {
    this.#id = containerId;
    return Promise.resolve();
  }

  protected override async containerStarting(): Promise<void> {
    await this.#follow(this.#id);
  }

  protected override beforeContainerCreated(): Promise<void> {
    const bindings = Object.keys(this.createOpts.ExposedPorts ?? {});
    this.hostConfig.PortBindings = Object.fromEntries(
      bindings.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '0' }]]),
    );
    return Promise.resolve();
  }
}
