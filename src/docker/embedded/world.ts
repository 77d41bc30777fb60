import type { Clock } from '../../async/clock.ts';
import type { Container } from './container.ts';
import type { Events } from './events.ts';
import type { HostNetwork } from './host-network.ts';
import type { Moments } from './moment.ts';
import type { Registry } from './registry.ts';

/** What the daemon's parts share. */
export interface World {
  readonly clock: Clock;
  /** 64 hexadecimal digits that nothing else is called by. */
  readonly newId: () => string;
  readonly moments: Moments;
  readonly events: Events;
  readonly network: HostNetwork;
  readonly containers: Registry;
  /** Aborts when the daemon is disposed of: delays end, and nothing starts any more. */
  readonly stopping: AbortSignal;
}

/** Lets the time pass that an operation takes; none needs no clock. */
export async function pass({ clock, stopping }: World, ms: number): Promise<void> {
  if (ms > 0) await clock.sleep(ms, stopping);
}

export function emitContainer(
  { events }: World,
  container: Container,
  action: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  const { id, labels, name, spec } = container;
  events.emit('container', action, id, { ...labels, ...extra, image: spec.Image, name });
}

export function emitNetwork(world: World, container: Container, action: 'connect' | 'disconnect'): void {
  const { id, name, driver } = world.network.of(container);
  world.events.emit('network', action, id, { container: container.id, name, type: driver });
}
