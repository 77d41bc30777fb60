import type { Clock } from '../../async/clock.ts';
import { Daemon } from './daemon.ts';
import { Events } from './events.ts';
import { HostNetwork } from './host-network.ts';
import { knownImages } from './image-table.ts';
import { type CreateProgram, Images } from './images.ts';
import { Moments } from './moment.ts';
import { Registry } from './registry.ts';
import type { Route } from './route.ts';
import type { Pace } from './routes-containers.ts';
import { containerRoutes } from './routes-containers.ts';
import { systemRoutes } from './routes-system.ts';

export interface CoreOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  /** Networks beside bridge, host and none. */
  readonly networks: readonly string[];
  readonly pace: Pace;
  readonly createProgram: CreateProgram;
  /** Aborts when the daemon is disposed of. */
  readonly stopping: AbortSignal;
}

/** The daemon without a server: what it holds, and what it does when it is called. */
export interface Core {
  readonly daemon: Daemon;
  readonly events: Events;
  readonly images: Images;
  readonly containers: Registry;
  readonly routes: readonly Route[];
}

export function makeCore({ clock, newId, networks, pace, createProgram, stopping }: CoreOptions): Core {
  const moments = new Moments(clock);
  const events = new Events(moments);
  const containers = new Registry();
  const network = new HostNetwork(networks, newId);
  const images = new Images(createProgram, clock, events);
  for (const entry of knownImages) images.put(entry);
  const daemon = new Daemon({ clock, newId, moments, events, network, containers, stopping }, images);
  return {
    daemon,
    events,
    images,
    containers,
    routes: [...containerRoutes(daemon, pace), ...systemRoutes(daemon)],
  };
}
