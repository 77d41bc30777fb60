import { Metrics } from '../../src/metrics/metrics.ts';
import { type Served, type ServeOptions, serve } from '../../src/server/serve.ts';
import { Autoscaler } from '../../src/services/autoscaler.ts';
import type { Log } from '../../src/services/log.ts';
import type { Provisioner } from '../../src/services/provisioner.ts';
import { Reader } from '../../src/services/reader.ts';
import type { Simulation } from '../../src/services/simulation.ts';
import { aWorld, type FleetWishes, reserved, started, type World } from './build.ts';

export interface Serving extends World, AsyncDisposable {
  readonly url: string;
  readonly served: Served;
  /** An engine was promised a place, and that came to nothing: three events. */
  stir(label?: string): void;
  /** One more engine runs. */
  start(): void;
}

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** What resolvers ask in a world without Docker: everything but making engines, and making VPNs ill. */
export const servicesOf = (world: World) => ({
  ...world,
  reader: new Reader(world.fleet, world.events),
  autoscaler: new Autoscaler(world.fleet),
  provisioner: null as unknown as Provisioner,
  simulation: null as unknown as Simulation,
});

export const metricsOf = ({ fleet, events, journal }: World): Metrics =>
  new Metrics({ snapshot: () => fleet.snapshot(), journal, storageTrouble: () => events.trouble });

/** The server as it is, for a fleet that nothing changes but the test. */
export async function serving(
  options: Partial<ServeOptions> = {},
  wishes: FleetWishes = {},
): Promise<Serving> {
  const world = aWorld({ tail: 1_000, ...wishes });
  const served = await serve(
    servicesOf(world),
    {
      host: '127.0.0.1',
      port: 0,
      keys: { all: null, read: null },
      allowedHosts: [],
      introspection: true,
      simulated: false,
      missing: () => [],
      metrics: metricsOf(world),
      ...options,
    },
    silent,
  );
  return {
    ...world,
    url: `http://127.0.0.1:${served.port}`,
    served,
    stir: (label) => stir(world, label),
    start: () => void started(world.fleet),
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

/** Three events; with a label that each of them may show. */
export function stir({ fleet }: World, label = ''): void {
  const labels = label === '' ? [] : [{ key: 'text', value: label }];
  using _reservation = reserved(fleet, { labels, request: null, replaces: null });
}
