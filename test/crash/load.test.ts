import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProvisionEngine, ProvisionEngines, StopEngine } from '../api/operations.ts';
import { Random } from '../support/random.ts';
import { Mortal, wrongWith } from './mortal.ts';
import { keptPromises, quiet, spread } from './promises.ts';

const deaths = process.env.TANDEM_LONG ? 100 : 10;
const keys = 6;

/** Clients who ask for engines and stop them, and VPNs that come and go. */
class Load {
  /** The engine that each key has given. */
  readonly #given = new Map<string, string>();
  readonly #world: Mortal;
  readonly #random: Random;
  #over = false;
  readonly #working: Promise<void>[];

  constructor(world: Mortal, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#working = Array.from({ length: 3 }, () => this.#work());
  }

  /** @throws what a client cannot accept. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#working);
  }

  async #work(): Promise<void> {
    while (!this.#over) await this.#world.eventually('somebody answers', () => this.#act());
  }

  async #act(): Promise<true | undefined> {
    const { client, docker } = this.#world;
    switch (this.#random.below(6)) {
      case 0:
        await client.ask(ProvisionEngine);
        break;
      case 1:
        await client.ask(ProvisionEngines, { input: { count: 3 } });
        break;
      case 2: {
        const engines = (await this.#world.vpns()).flatMap((vpn) => vpn.engines);
        const engine = engines[this.#random.below(Math.max(1, engines.length))];
        if (engine) await client.ask(StopEngine, { engine: { name: engine.name } });
        break;
      }
      case 3: {
        const vpn = docker.vpn(this.#world.simulation.vpns[this.#random.below(2)] ?? '');
        if (this.#random.below(3) === 0) vpn.fail();
        else vpn.heal();
        break;
      }
      default:
        await this.#askUnder(`key ${this.#random.below(keys)}`);
    }
    return this.#over || undefined;
  }

  async #askUnder(idempotencyKey: string): Promise<void> {
    const labels = [{ key: 'key', value: idempotencyKey }];
    const { provisionEngine } = await this.#world.client.ask(ProvisionEngine, {
      input: { idempotencyKey, labels },
    });
    if (provisionEngine.__typename !== 'Engine') {
      assert.notEqual(provisionEngine.__typename, 'InvalidInputError');
      return;
    }
    const { id } = provisionEngine;
    assert.equal(this.#given.get(idempotencyKey) ?? id, id, `${idempotencyKey} gives the same engine`);
    this.#given.set(idempotencyKey, id);
  }
}

/** Resolves at a moment that nobody chose: a random call of Docker, whatever it asks, and some milliseconds more. */
async function someMoment(world: Mortal, random: Random): Promise<void> {
  const moment = Promise.withResolvers<void>();
  let left = 1 + random.below(60);
  const pass = async () => {
    if (--left === 0) moment.resolve();
    return true;
  };
  world.docker.faults.next({
    path: /./,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'witness', before: pass, after: pass },
  });
  await moment.promise;
  world.docker.faults.clear();
  await new Promise((resolve) => setTimeout(resolve, random.below(20)));
}

describe('a service that is killed again and again, at any moment, while much is asked of it', () => {
  test(`forgets nothing in ${deaths} deaths`, { timeout: deaths * 30_000 }, async (context) => {
    const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
    const random = new Random(seed);
    await using world = await Mortal.conceive({ maxReplicas: 10 });
    try {
      await world.rise();
      await world.subscribe();
      for (let death = 1; death <= deaths; death++) {
        const load = new Load(world, random);
        await someMoment(world, random);
        await world.child.kill();
        await world.rise();
        await load.end();
        await quiet(world);
        assert.deepEqual(wrongWith(world), [], `after death ${death}`);
      }
      for (const vpn of world.simulation.vpns) world.docker.vpn(vpn).heal();
      await world.eventually('every VPN is READY', async () =>
        (await world.vpns()).every(({ state }) => state === 'READY'),
      );
      const engines = (await world.vpns()).flatMap((vpn) => vpn.engines);
      await Promise.all(engines.map(({ name }) => world.client.ask(StopEngine, { engine: { name } })));
      await world.eventually('MIN_REPLICAS engines run', () => spread(world, 2, 2));
      await keptPromises(world);
    } catch (problem) {
      context.diagnostic(`TANDEM_SEED=${seed} asks for the same again`);
      context.diagnostic(world.child.said.slice(-20_000));
      throw problem;
    }
  });
});
