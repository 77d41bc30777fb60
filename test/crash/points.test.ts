import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Engines, ProvisionEngine, StopEngine } from '../api/operations.ts';
import { Ambush, type Moment, Mortal, moments } from './mortal.ts';
import { episodesOf, keptPromises, spread } from './promises.ts';

/** The calls of a life that change something: 4 engines by itself and one on request, 3 purged, 2 restored, 1 replaced. */
const callsInLife = 20;
const sample = 12;

interface Point {
  readonly k: number;
  readonly moment: Moment;
}

const all = Array.from({ length: callsInLife }, (_, index) =>
  moments.map((moment): Point => ({ k: index + 1, moment })),
).flat();
/** All of them, where somebody has the time: it takes some minutes. */
const points = process.env.TANDEM_LONG
  ? all
  : Array.from({ length: sample }, (_, index) => all[Math.floor((index * all.length) / sample)] ?? all[0]);

const keyed = { idempotencyKey: 'only once', labels: [{ key: 'key', value: 'only once' }] };

/** Everything that a service goes through, waited for by whoever depends on it and does not know that it may be killed. */
async function life(world: Mortal): Promise<void> {
  const { docker } = world;
  const answered = new Set<string>();
  const askOnce = async () => {
    const { provisionEngine } = await world.client.ask(ProvisionEngine, { input: keyed });
    if (provisionEngine.__typename !== 'Engine') return undefined;
    answered.add(provisionEngine.id);
    return provisionEngine;
  };
  const balanced = async () => (await spread(world, 2, 2)) && (await allReady(world));

  await world.eventually('MIN_REPLICAS engines run', balanced);
  await world.eventually('the engine asked for runs', askOnce);
  await world.eventually('it is the fifth', () => spread(world, 3, 2));

  docker.vpn('gluetun').fail();
  await world.eventually('the engines of the VPN that failed are gone', () => spread(world, 0, 2));
  docker.vpn('gluetun').heal();
  await world.eventually('MIN_REPLICAS engines run again', balanced);

  const [engine] = (
    await world.eventually('engines are listed', () =>
      world.client.ask(Engines, { filter: { vpn: 'gluetun_2' } }),
    )
  ).engines;
  assert(engine);
  await world.eventually('the engine is stopped', async () => {
    const { stopEngine } = await world.client.ask(StopEngine, { engine: { id: engine.id } });
    if (
      stopEngine.__typename === 'ServiceUnavailableError' ||
      stopEngine.__typename === 'DockerUnavailableError'
    )
      return undefined;
    assert(stopEngine.__typename === 'Engine', JSON.stringify(stopEngine));
    assert.deepEqual([stopEngine.id, stopEngine.state], [engine.id, 'REMOVED']);
    return true;
  });
  await world.eventually('another is in its place', balanced);
  await world.eventually('the key is repeated', askOnce);
  assert.equal(answered.size, 1, 'the key gives the same engine');
}

const allReady = async (world: Mortal) => (await world.vpns()).every(({ state }) => state === 'READY');

async function lifeWithDeath(context: TestContext, { k, moment }: Point): Promise<number> {
  await using world = await Mortal.conceive({ maxReplicas: 5 });
  const ambush = new Ambush(world, k, moment);
  try {
    await world.rise();
    await world.subscribe();
    await life(world);
    await ambush.over;
    await keptPromises(world);
    assert.deepEqual(ambush.findings, []);
    assert.equal(episodesOf(await world.history()).length, 1);
    assert(await spread(world, 2, 2), 'nothing is on its way any longer');
    if (k <= callsInLife) assert(ambush.victim, `it was killed at call ${k}`);
    return ambush.calls;
  } catch (problem) {
    context.diagnostic(`killed at ${ambush.victim?.method} ${ambush.victim?.path}`);
    context.diagnostic(world.child.said);
    throw problem;
  }
}

describe('a service that is killed forgets nothing', { concurrency: 2 }, () => {
  test(`nor does one that lives, whose life takes ${callsInLife} calls`, async (context) => {
    assert.equal(
      await lifeWithDeath(context, { k: Number.POSITIVE_INFINITY, moment: 'before its effect' }),
      callsInLife,
    );
  });

  for (const point of points) {
    if (point)
      test(`killed at call ${point.k} ${point.moment}`, async (context) =>
        void (await lifeWithDeath(context, point)));
  }
});
