import type { ShownStateQuery, ToldEventsSubscription } from '../api/gql/graphql.ts';
import type { Shown, ShownEngine, ToldEngine, ToldEvent } from '../oracles/sights.ts';

type Said = ToldEventsSubscription['events'];
type SaidEngine = Extract<Said, { __typename: 'EngineChanged' }>['engine'];

/** An event of the API as a sight has it. */
export function toldFrom(event: Said): ToldEvent {
  const { id, message } = event;
  const base = { id, happened: Date.parse(event.at), message };
  switch (event.__typename) {
    case 'EngineAssigned': {
      const { engine, chosen, loads } = event;
      const vpn = chosen ?? { name: '', state: 'UNKNOWN' };
      return { ...base, type: 'ENGINE_ASSIGNED', engine: engineFrom(engine), vpn, loads };
    }
    case 'EngineChanged': {
      const { change, reason, engine } = event;
      return { ...base, type: 'ENGINE_CHANGED', change, reason: reason ?? null, engine: engineFrom(engine) };
    }
    case 'EmergencyModeChanged': {
      const { turn: change, episodeId, vpn, emergencyMode, removedEngines } = event;
      return {
        ...base,
        type: 'EMERGENCY_MODE_CHANGED',
        change,
        episodeId,
        vpn,
        active: emergencyMode.active,
        failed: emergencyMode.failedVpns.map(({ name }) => name),
        removed: removedEngines.map((engine) => engine.id),
      };
    }
    case 'VpnChanged':
      return { ...base, type: 'VPN_CHANGED', vpn: event.vpn };
    case 'FleetChanged':
      return { ...base, type: event.type === 'SCALING' ? 'SCALING' : 'CIRCUIT_CHANGED' };
  }
}

function engineFrom({ id, name, vpn, labels }: SaidEngine): ToldEngine {
  return {
    id,
    name,
    vpn: vpn?.name ?? null,
    labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
  };
}

/** What the queries answered. */
export function shownFrom({ fleet, offered, first, second, vpnStatus }: ShownStateQuery): Shown {
  const { vpns, emergencyMode } = vpnStatus;
  return {
    kind: 'shown',
    engines: [...first, ...second].map(shownEngine),
    offered: offered.map(({ id }) => id),
    vpns: vpns.map((vpn) => ({
      name: vpn.name,
      state: vpn.state,
      accepts: vpn.acceptsEngines,
      running: vpn.engineCount,
      pending: vpn.pendingEngineCount,
      free: vpn.portRange?.free ?? null,
      forwardedPort: vpn.forwardedPort ?? null,
    })),
    running: fleet.running,
    pending: fleet.pending,
    desired: fleet.desired,
    emergency: emergencyMode.failedVpns.map(({ name }) => name),
    circuit: fleet.circuit,
  };
}

function shownEngine(engine: ShownStateQuery['first'][number]): ShownEngine {
  const { state, health, containerId, httpPort, httpsPort, p2pPort, forwarded } = engine;
  if (state === 'REMOVED') throw new Error(`${engine.name} is listed, and REMOVED`);
  return {
    ...engineFrom(engine),
    state,
    health,
    containerId: containerId ?? null,
    ports: [httpPort, httpsPort, p2pPort],
    forwarded,
  };
}
