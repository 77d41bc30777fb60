import assert from 'node:assert/strict';
import type { EventPartsFragment } from '../api/gql/graphql.ts';
import { Status } from '../api/operations.ts';
import { type Mortal, wrongWith } from './mortal.ts';

/** Waits until nothing is on its way: the engines listed are the containers that exist, and all of them run. */
export async function quiet(world: Mortal): Promise<void> {
  await world.eventually('engines and containers are the same', async () => {
    const vpns = await world.vpns();
    const { fleet } = await world.client.ask(Status);
    const engines = vpns.flatMap((vpn) => vpn.engines.map(({ name, state }) => `${name} ${state}`));
    const containers = world.simulation
      .engineContainers()
      .map(({ name, state }) => `${name} ${state.toUpperCase()}`);
    return fleet.pending === 0 && engines.sort().join() === containers.sort().join();
  });
}

/** So many engines on each VPN, all of them running and nothing on its way. */
export const spread = async (world: Mortal, ...counts: number[]): Promise<boolean> => {
  const vpns = await world.vpns();
  const { length } = world.containers();
  return (
    vpns.every(
      ({ engineCount, pendingEngineCount }, at) => engineCount === counts[at] && pendingEngineCount === 0,
    ) && length === counts.reduce((total, count) => total + count, 0)
  );
};

/** What must be so at the end, whatever happened: of the containers, and of all that was ever told. */
export async function keptPromises(world: Mortal): Promise<void> {
  await quiet(world);
  assert.deepEqual(wrongWith(world), []);
  for (const { tookMs, allowedMs } of world.recoveries)
    assert(tookMs <= allowedMs, `it was ready after ${tookMs} ms and not within ${allowedMs}`);

  const vpns = await world.vpns();
  const listed = vpns.flatMap(({ name, engines }) =>
    engines.map((engine) => ({ name: engine.name, vpn: name })),
  );
  const names = new Map(
    world.simulation.engineContainers().map(({ name }) => [name, world.docker.container(name).id]),
  );
  const byId = new Map(world.containers().map((container) => [container.id, container]));
  for (const engine of listed)
    assert.equal(byId.get(names.get(engine.name) ?? '')?.vpn, engine.vpn, engine.name);

  const history = await world.history();
  await theSubscriberSawAll(world, history);
  const alive = livesOf(history, world.maxReplicas);
  assert.deepEqual(
    [...alive].sort(),
    world
      .containers()
      .map(({ engine }) => engine)
      .sort(),
    'the engines that ever began and have not ended are those that run',
  );
  episodesOf(history);
}

async function theSubscriberSawAll(world: Mortal, history: readonly EventPartsFragment[]): Promise<void> {
  const { subscriber } = world;
  assert(subscriber);
  const ids = history.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)].sort(), 'ids are in order and none is there twice');
  await world.eventually(
    'the subscriber has seen the newest event',
    async () => subscriber.problem !== null || (subscriber.last ?? '') >= (ids.at(-1) ?? ''),
  );
  assert.equal(subscriber.problem, null);
  const since = ids.filter((id) => subscriber.first === null || id > subscriber.first);
  assert.deepEqual(
    subscriber.ids.slice(0, since.length),
    since,
    'the subscriber missed nothing and saw nothing twice',
  );
}

/** Follows every engine through its life, and gives those that have not ended. */
function livesOf(history: readonly EventPartsFragment[], maxReplicas: number): Set<string> {
  const stages = new Map<string, string[]>();
  const condemned = new Set<string>();
  const askedFor = new Map<string, Set<string>>();
  const step = (id: string, stage: string) => stages.set(id, [...(stages.get(id) ?? []), stage]);
  for (const event of history) {
    switch (event.__typename) {
      case 'EngineAssigned': {
        step(event.engine.id, 'ASSIGNED');
        assert.equal(
          event.chosen?.state,
          'READY',
          `${event.message}: a VPN that is not READY was chosen (S2)`,
        );
        const load = event.loads.reduce((total, { running, pending }) => total + running + pending, 0);
        assert(load <= maxReplicas, `${event.message}: ${load} engines are more than MAX_REPLICAS (S5)`);
        break;
      }
      case 'EngineChanged': {
        const { change, engine, message } = event;
        // How it is may change any number of times.
        if (change !== 'HEALTHY' && change !== 'UNHEALTHY') step(engine.id, change);
        if (change === 'STARTED') {
          assert(!condemned.has(engine.id), `${message}: it was condemned before (S7)`);
          for (const { key, value } of engine.labels)
            if (key === 'key') askedFor.set(value, (askedFor.get(value) ?? new Set()).add(engine.id));
        }
        if (change === 'STOPPED' || change === 'FAILED') condemned.add(engine.id);
        break;
      }
      case 'EmergencyModeChanged':
        for (const { id } of event.removedEngines) condemned.add(id);
    }
  }
  for (const [id, life] of stages)
    assert.match(life.join(' '), /^ASSIGNED( STARTED)?( (STOPPED|FAILED) REMOVED)?$/, `the life of ${id}`);
  for (const [key, ids] of askedFor) assert.equal(ids.size, 1, `the key ${key} gave one engine`);
  return new Set([...stages].filter(([, life]) => !life.includes('REMOVED')).map(([id]) => id));
}

/** Each episode is one ENTERED and one EXITED, in order, with UPDATED between (S9). */
export function episodesOf(history: readonly EventPartsFragment[]): string[] {
  const episodes: string[] = [];
  let open: string | null = null;
  for (const event of history) {
    if (event.__typename !== 'EmergencyModeChanged') continue;
    const { turn, episodeId, emergencyMode } = event;
    if (turn === 'ENTERED') {
      assert.equal(open, null, 'an episode begins when none goes on');
      assert(!episodes.includes(episodeId));
      episodes.push(episodeId);
      open = episodeId;
    }
    assert.equal(episodeId, open, `${turn} belongs to the episode that goes on`);
    assert.equal(emergencyMode.episodeId, turn === 'EXITED' ? null : episodeId);
    if (turn === 'EXITED') open = null;
  }
  return episodes;
}
