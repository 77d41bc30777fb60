import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A container port that reaches the host. */
export interface PublishedPort {
  readonly port: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

interface Bound {
  readonly owner: object;
  readonly close: () => Promise<void>;
}

/** A port of the host that is answered as soon as somebody stands behind it. */
interface Door {
  readonly server: Server;
  handler: RequestHandler | undefined;
}

/**
 * One network namespace: which of its ports are bound, and by whom. Published ports are served on the host's loopback.
 * Once closed it stays closed; a process that still holds it reaches nothing and is reached by nobody.
 */
export class Namespace {
  readonly address: string;
  readonly published: readonly PublishedPort[];
  readonly #bound = new Map<number, Bound>();
  readonly #doors: ReadonlyMap<number, Door>;
  #alive = true;

  private constructor(
    address: string,
    published: readonly PublishedPort[],
    doors: ReadonlyMap<number, Door>,
  ) {
    this.address = address;
    this.published = published;
    this.#doors = doors;
  }

  /** Opens one whose `published` ports are known; a host port of 0 is chosen by the machine. */
  static async open(address: string, published: readonly PublishedPort[]): Promise<Namespace> {
    const doors = new Map<number, Door>();
    const settled: PublishedPort[] = [];
    for (const each of published) {
      if (each.hostPort !== 0) {
        settled.push(each);
        continue;
      }
      const door = await openDoor(0);
      doors.set(each.port, door);
      settled.push({ ...each, hostPort: portOf(door.server) });
    }
    return new Namespace(address, settled, doors);
  }

  get alive(): boolean {
    return this.#alive;
  }

  isBound(port: number): boolean {
    return this.#bound.has(port);
  }

  /** Binds `port` for `owner` and says whether it could: not when it is taken or the namespace is gone. */
  async bind(port: number, owner: object, handler?: RequestHandler): Promise<boolean> {
    if (!this.#alive || this.#bound.has(port)) return false;
    const standing = this.#doors.get(port);
    if (standing !== undefined) {
      standing.handler = handler;
      this.#bound.set(port, {
        owner,
        close: async () => {
          standing.handler = undefined;
          standing.server.closeAllConnections();
        },
      });
      return true;
    }
    // Claimed before the first await: two processes may ask for the same port at once.
    const claim: Bound = { owner, close: async () => undefined };
    this.#bound.set(port, claim);
    const hostPort = this.published.find((each) => each.port === port && each.protocol === 'tcp')?.hostPort;
    if (handler === undefined || hostPort === undefined) return true;
    const door = await openDoor(hostPort).catch(() => undefined);
    if (door !== undefined && this.#bound.get(port) === claim) {
      door.handler = handler;
      this.#bound.set(port, { owner, close: () => closeServer(door.server) });
      return true;
    }
    if (this.#bound.get(port) === claim) this.#bound.delete(port);
    if (door !== undefined) await closeServer(door.server);
    return false;
  }

  /** Gives back everything that `owner` had bound. */
  async release(owner: object): Promise<void> {
    const own = [...this.#bound].filter(([, bound]) => bound.owner === owner);
    for (const [port] of own) this.#bound.delete(port);
    await Promise.all(own.map(([, bound]) => bound.close()));
  }

  async close(): Promise<void> {
    this.#alive = false;
    const bound = [...this.#bound.values()];
    this.#bound.clear();
    await Promise.all(bound.map((each) => each.close()));
    await Promise.all([...this.#doors.values()].map((door) => closeServer(door.server)));
  }
}

async function openDoor(hostPort: number): Promise<Door> {
  const door: Door = {
    // As with docker-proxy, a published port that nobody serves accepts and hangs up.
    server: createServer((request, response) =>
      door.handler === undefined ? request.socket.destroy() : door.handler(request, response),
    ),
    handler: undefined,
  };
  await new Promise<void>((resolve, reject) => {
    door.server.once('error', reject);
    door.server.listen(hostPort, '127.0.0.1', () => {
      door.server.off('error', reject);
      resolve();
    });
  });
  return door;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
