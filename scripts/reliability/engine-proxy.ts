import { createConnection, createServer, type Socket } from 'node:net';
import { rm } from 'node:fs/promises';

const REQUEST = /^(?:GET|POST|PUT|DELETE|HEAD) (\S+) HTTP/;

interface Pair {
  readonly client: Socket;
  readonly engine: Socket;
  /** The path of the last request on it. */
  path: string;
}

/** A UNIX socket in front of the Docker engine's own, whose connections can be cut or frozen. */
export class EngineProxy implements AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly url: string;
  readonly #path: string;
  readonly #pairs = new Set<Pair>();
  readonly #server;
  #isGone = false;
  #isFrozen = false;

  private constructor(path: string, engine: string) {
    this.#path = path;
    this.url = `unix://${path}`;
    this.#server = createServer((client) => {
      if (this.#isGone) {
        client.destroy();
        return;
      }
      this.#join(client, createConnection(engine));
    });
  }

  static async open(path: string, engine = '/var/run/docker.sock'): Promise<EngineProxy> {
    await rm(path, { force: true });
    const proxy = new EngineProxy(path, engine);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(path, resolve);
    });
    return proxy;
  }

  /** Cuts the connections whose last request was for such a path; gives how many. */
  cut(path: RegExp): number {
    const found = [...this.#pairs].filter((pair) => path.test(pair.path));
    for (const { client, engine } of found) {
      client.destroy();
      engine.destroy();
    }
    return found.length;
  }

  /** The engine is gone: what was open is cut, and nothing new is taken. */
  async goAway(): Promise<void> {
    this.#isGone = true;
    this.cut(/./);
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#path, { force: true });
  }

  /** Nothing goes through any more, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true;
    for (const { client, engine } of this.#pairs) {
      client.pause();
      engine.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isGone) await this.goAway();
  }

  #join(client: Socket, engine: Socket): void {
    const pair: Pair = { client, engine, path: '' };
    this.#pairs.add(pair);
    client.on('data', (chunk: Buffer) => {
      pair.path = REQUEST.exec(chunk.subarray(0, 2_000).toString('latin1'))?.[1] ?? pair.path;
    });
    client.pipe(engine);
    engine.pipe(client);
    const over = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      engine.destroy();
    };
    for (const socket of [client, engine]) socket.on('error', over).on('close', over);
    if (this.#isFrozen) {
      client.pause();
      engine.pause();
    }
  }
}
