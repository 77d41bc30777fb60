import type { Container } from './container.ts';
import { DockerError } from './errors.ts';
import { Namespace } from './namespace.ts';
import { publishedBindings } from './spec.ts';

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
}

/** The host's side of networking: its networks, and which of its ports are promised to whom. */
export class HostNetwork {
  readonly networks: readonly Network[];
  readonly #portOwners = new Map<number, string>();
  readonly #newId: () => string;
  #addresses = 1;

  constructor(userNetworks: readonly string[], newId: () => string) {
    this.#newId = newId;
    const network = (name: string, driver: string): Network => ({
      id: newId(),
      name,
      driver,
    });
    this.networks = [
      network('bridge', 'bridge'),
      network('host', 'host'),
      network('none', 'null'),
      ...userNetworks.map((name) => network(name, 'bridge')),
    ];
  }

  find(ref: string): Network | undefined {
    return this.networks.find((each) => each.name === ref || each.id === ref);
  }

  /** The network that a container of its own namespace is attached to. */
  of(container: Container): Network {
    const name = container.networkMode === 'default' ? 'bridge' : container.networkMode;
    const network = this.find(name);
    if (network === undefined) throw new DockerError(404, `network ${name} not found`);
    return network;
  }

  /** Opens a namespace with its published ports, all of them or none. */
  async open(container: Container): Promise<Namespace> {
    const published = publishedBindings(container.spec).map(({ port, protocol, binding }) => ({
      port,
      protocol,
      hostIp: binding.HostIp || '0.0.0.0',
      hostPort: Number(binding.HostPort || 0),
    }));
    for (const { hostIp, hostPort } of published)
      if (this.#portOwners.has(hostPort))
        throw new DockerError(
          500,
          `driver failed programming external connectivity on endpoint ${container.name} (${this.#newId()}): Bind for ${hostIp}:${hostPort} failed: port is already allocated`,
        );
    for (const { hostPort } of published) if (hostPort !== 0) this.#portOwners.set(hostPort, container.id);
    this.#addresses += 1;
    // Loopback, so that a client which tries a container's own address is refused at once instead of waiting.
    const address = `127.77.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`;
    return Namespace.open(address, published);
  }

  releasePorts(container: Container): void {
    for (const [port, owner] of this.#portOwners) if (owner === container.id) this.#portOwners.delete(port);
  }
}
