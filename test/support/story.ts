import assert from 'node:assert/strict';
import type { EventPageQuery } from '../api/gql/graphql.ts';
import { Engines, EventPage, ProvisionEngine, Status, StopEngine } from '../api/operations.ts';
import type { Client } from './client.ts';
import { until } from './docker/until.ts';
import type { TandemProcess } from './process.ts';
import type { Real, RealVpn } from './real.ts';

/** What the tests of emergencies see of a service: all of it through the API, and beside it what Docker has. */

export const patience = 20_000;

/** An engine on offer, without what may change about one that goes on. */
export interface Offer {
  readonly id: string;
  readonly name: string;
  readonly containerId: string | null;
  readonly ports: readonly number[];
  readonly vpn: string | null;
  readonly state: string;
}

export async function offered(tandem: TandemProcess, filter = {}): Promise<Offer[]> {
  const { engines } = await tandem.ask(Engines, { filter });
  return engines.map(({ id, name, containerId, httpPort, httpsPort, p2pPort, vpn, state }) => ({
    id,
    name,
    containerId: containerId ?? null,
    ports: [httpPort, httpsPort, p2pPort],
    vpn: vpn?.name ?? null,
    state,
  }));
}

export const on = (vpn: RealVpn, engines: readonly Offer[]): Offer[] =>
  engines.filter((engine) => engine.vpn === vpn.name);

export const idsOf = (engines: readonly { readonly id: string }[]): string[] =>
  engines.map(({ id }) => id).sort();

/** How many there are on each VPN. */
export const spread = (
  world: Real,
  things: readonly { readonly vpn?: string | null | undefined }[],
): number[] => world.vpns.map(({ name }) => things.filter(({ vpn }) => vpn === name).length);

/** Waits until exactly so many engines run on each VPN, in the API and in Docker, and gives them. */
export async function settled(
  world: Real,
  tandem: TandemProcess,
  counts: readonly number[],
): Promise<Offer[]> {
  const wanted = JSON.stringify([counts, counts, counts.reduce((sum, count) => sum + count, 0)]);
  let seen = '';
  return until(
    `${wanted} on the VPNs, in the API, in Docker and in all`,
    async () => {
      const engines = await offered(tandem);
      const containers = await world.engines(tandem);
      const running = containers.filter(({ state }) => state === 'running');
      seen = JSON.stringify([spread(world, engines), spread(world, running), containers.length]);
      return seen === wanted && engines.every(({ state }) => state === 'RUNNING') && engines;
    },
    patience,
  ).catch((problem) => {
    throw new Error(`${problem.message}; it is ${seen}\n${tandem.said}`, { cause: problem });
  });
}

export async function vpnOf(tandem: TandemProcess, { name }: RealVpn) {
  const found = (await tandem.ask(Status)).vpnStatus.vpns.find((vpn) => vpn.name === name);
  assert(found);
  return found;
}

export const untilState = (tandem: TandemProcess, vpn: RealVpn, state: string) =>
  until(
    `${vpn.name} is ${state}`,
    async () => {
      const found = await vpnOf(tandem, vpn);
      return found.state === state && found;
    },
    patience,
  );

/** Provisions one engine as any client would, says where it went, and stops it. */
export async function tryOne(tandem: TandemProcess): Promise<string | null | undefined> {
  const { provisionEngine: engine } = await tandem.ask(ProvisionEngine);
  assert(engine.__typename === 'Engine', JSON.stringify(engine));
  const { stopEngine } = await tandem.ask(StopEngine, { engine: { id: engine.id } });
  assert(stopEngine.__typename === 'Engine' && stopEngine.state === 'REMOVED', JSON.stringify(stopEngine));
  return engine.vpn?.name;
}

export type Told = EventPageQuery['events']['nodes'][number];
export type ToldOf<K extends Told['__typename']> = Told & { __typename: K };

/** All that was told after the event of that id, or ever. */
export async function history(tandem: Client, after: string | null = null): Promise<Told[]> {
  const { nodes, pageInfo } = (await tandem.ask(EventPage, { first: 500, after })).events;
  const last = nodes.at(-1);
  return pageInfo.hasNextPage && last ? [...nodes, ...(await history(tandem, last.id))] : nodes;
}

export const only = <K extends Told['__typename']>(type: K, events: readonly Told[]): ToldOf<K>[] =>
  events.filter((event): event is ToldOf<K> => event.__typename === type);

/** The changes of each episode that was told of, oldest first, and the same in words. */
export async function episodes(
  tandem: TandemProcess,
): Promise<{ id: string; changes: string[]; story: string }[]> {
  const turns = only('EmergencyModeChanged', await history(tandem));
  return [...Map.groupBy(turns, ({ episodeId }) => episodeId)].map(([id, told]) => ({
    id,
    changes: told.map(({ turn }) => turn),
    story: told.map(({ at, message }) => `${at} ${message}`).join('\n'),
  }));
}

/** The states of a VPN as they were told of, each once. */
export function statesOf({ name }: RealVpn, events: readonly Told[]): string[] {
  const told = only('VpnChanged', events).filter(({ vpn }) => vpn.name === name);
  return told.map(({ vpn }) => vpn.state).filter((state, index, all) => state !== all[index - 1]);
}
