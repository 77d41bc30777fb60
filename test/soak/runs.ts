import type { ContainerInspectInfo } from 'dockerode';

interface Run {
  readonly name: string;
  /** By Docker's clock. */
  readonly began: number;
}

/** Milliseconds before an engine's start in which it may have joined the network of the run before. */
const joiningMs = 1_000;

/** Every run that each VPN's container had: a container that is started again has a network of its own again. */
export class Runs {
  readonly #runs = new Map<string, Run[]>();

  /** The run that is seen now. */
  note(vpn: string, { Id, State }: ContainerInspectInfo): string {
    const name = `${Id} ${State.StartedAt}`;
    const runs = this.#runs.get(vpn) ?? [];
    if (runs.at(-1)?.name !== name) runs.push({ name, began: Date.parse(State.StartedAt) });
    this.#runs.set(vpn, runs);
    return name;
  }

  /** The one whose network an engine is in: its VPN's of the moment when it was started. Null when that cannot be told. */
  joinedBy({ State, HostConfig }: ContainerInspectInfo, vpn: string): string | null {
    const started = Date.parse(State.StartedAt);
    const container = HostConfig.NetworkMode?.replace('container:', '') ?? '';
    const before = (this.#runs.get(vpn) ?? []).filter(({ began }) => began <= started);
    const newest = before.at(-1);
    if (!newest?.name.startsWith(container)) return null;
    return before.length === 1 || started - newest.began > joiningMs ? newest.name : null;
  }
}
