import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foundWell } from '../../src/domain/health.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { loadOf } from '../../src/domain/snapshot.ts';
import type { EmergencyMode } from '../../src/services/emergency.ts';
import type { Fleet } from '../../src/services/fleet.ts';
import type { Reservation } from '../../src/services/reservation.ts';
import { aLook, anyPlace, aWorld, now, range } from '../support/build.ts';

type FailsAt = 'create' | 'start' | null;
type Task = Generator<undefined, void>;
interface World {
  readonly fleet: Fleet;
  readonly tasks: readonly Task[];
}

/** Every place where an engine's start waits for Docker is a `yield`: that is where another task may come in between. */
function* attempt(
  place: Reservation,
  failsAt: FailsAt,
): Generator<undefined, 'running' | 'failed' | 'vpn failed'> {
  using reservation = place;
  const { id } = reservation.engine;
  yield;
  if (failsAt === 'create') return 'failed';
  reservation.made(`container of ${id}`);
  if (reservation.signal.aborted) return 'vpn failed';
  yield;
  if (failsAt === 'start') return 'failed';
  if (reservation.signal.aborted) return 'vpn failed';
  reservation.fill(`container of ${id}`, foundWell);
  return 'running';
}

/** A request: placed, and placed once more if its VPN fails meanwhile. What it leaves behind is removed in its own time. */
function* provision(fleet: Fleet, failsAt: FailsAt): Task {
  for (let placement = 1; placement <= 2; placement++) {
    const place = fleet.reserve(anyPlace);
    if (isRefusal(place)) return;
    const outcome = yield* attempt(place, failsAt);
    const left = fleet.roster.engine(place.engine.id);
    if (left?.state === 'STOPPING') {
      yield;
      fleet.gone(left);
    }
    if (outcome !== 'vpn failed') return;
  }
}

/** A provision that has begun: it holds its place and waits for Docker. */
function begun(task: Task): Task {
  task.next();
  return task;
}

/** The same, where even the beginning can happen at any moment. */
function* later(task: () => Task): Task {
  yield;
  yield* task();
}

function* vpnFails(emergency: EmergencyMode, name: string): Task {
  yield;
  emergency.observe(name, aLook(now, { status: 'exited' }), null);
}

/**
 * Lives through every order in which the tasks of a world can go on, depth first: each order is one life of a new world.
 * @returns how many orders there are.
 */
function everyOrder(
  create: () => World,
  afterStep: (fleet: Fleet) => void,
  afterAll: (fleet: Fleet) => void,
): number {
  const choices: number[] = [];
  for (let orders = 1; ; orders++) {
    const { fleet, tasks } = create();
    const alive = [...tasks];
    const options: number[] = [];
    for (let depth = 0; alive.length > 0; depth++) {
      const choice = choices[depth] ?? 0;
      choices[depth] = choice;
      options.push(alive.length);
      const { sites } = fleet.snapshot();
      if (alive[choice]?.next().done) alive.splice(choice, 1);
      if (fleet.snapshot().sites !== sites) afterStep(fleet);
    }
    afterAll(fleet);
    let depth = options.length - 1;
    while (depth >= 0 && (choices[depth] ?? 0) + 1 === options[depth]) depth--;
    if (depth < 0) return orders;
    choices.length = depth + 1;
    choices[depth] = (choices[depth] ?? 0) + 1;
  }
}

const portsPerVpn = 6;
const ports = new Map([
  ['red', range(19_000, 19_005)],
  ['blue', range(19_000, 19_005)],
]);
const newWorld = (maxReplicas: number) => aWorld({ policy: { maxReplicas }, ports, tail: 1 });
const newFleet = (maxReplicas: number): Fleet => newWorld(maxReplicas).fleet;

function nothingIsShared(fleet: Fleet): void {
  const { sites } = fleet.snapshot();
  const names = new Set<string>();
  let listed = 0;
  for (const { provisioning, running, stopping } of sites) {
    const engines = [...provisioning, ...running, ...stopping];
    const ports = new Set<number>();
    for (const {
      name,
      ports: { http, https, p2p, api },
    } of engines) {
      names.add(name);
      ports.add(http).add(https).add(p2p).add(api);
    }
    assert.equal(ports.size, 4 * engines.length, 'two engines of one VPN share a port');
    listed += engines.length;
  }
  assert.equal(names.size, listed, 'two engines share a name');
}

function capIsKept(fleet: Fleet): void {
  const { sites, policy } = fleet.snapshot();
  assert.ok(
    sites.reduce((sum, site) => sum + loadOf(site), 0) <= policy.maxReplicas,
    'there are more than MAX_REPLICAS',
  );
}

const loads = (fleet: Fleet): number[] => fleet.snapshot().sites.map(loadOf);

function balanced(fleet: Fleet): void {
  assert.ok(Math.max(...loads(fleet)) - Math.min(...loads(fleet)) <= 1, `loads ${loads(fleet)}`);
}

const running = (fleet: Fleet): number[] => fleet.snapshot().sites.map((site) => site.running.length);
const pending = (fleet: Fleet): number =>
  fleet.snapshot().sites.reduce((sum, site) => sum + site.provisioning.length, 0);
const free = (fleet: Fleet): (number | undefined)[] => fleet.snapshot().sites.map(({ ports }) => ports?.free);

/** Removes all that runs or is being removed. */
function empty(fleet: Fleet): void {
  for (const engine of fleet.roster.all)
    if (engine.state === 'RUNNING') fleet.turnover.retire(engine, 'STOPPED', null);
  for (const engine of fleet.roster.all) fleet.gone(engine);
}

const evenly = (fleet: Fleet): void => {
  balanced(fleet);
  nothingIsShared(fleet);
  capIsKept(fleet);
};

describe('every order of events', () => {
  test('five provisions at once end 3/2 in each of 113,400 orders, balanced and unshared at every step', () => {
    const orders = everyOrder(
      () => {
        const fleet = newFleet(5);
        const one = () => {
          const task = begun(provision(fleet, null));
          evenly(fleet);
          return task;
        };
        return { fleet, tasks: [one(), one(), one(), one(), one()] };
      },
      evenly,
      (fleet) => {
        assert.deepEqual(running(fleet), [3, 2]);
        assert.equal(pending(fleet), 0);
      },
    );
    assert.equal(orders, 113_400);
  });

  test('three provisions that begin at any moment end 2/1 in each of 1,680 orders', () => {
    const orders = everyOrder(
      () => {
        const fleet = newFleet(3);
        return { fleet, tasks: range(1, 3).map(() => begun(later(() => provision(fleet, null)))) };
      },
      evenly,
      (fleet) => assert.deepEqual(running(fleet), [2, 1]),
    );
    assert.equal(orders, 1_680);
  });

  test('two more than MAX_REPLICAS are refused in each of 36 orders, whoever they are', () => {
    const orders = everyOrder(
      () => {
        const fleet = newFleet(1);
        return { fleet, tasks: range(1, 3).map(() => begun(later(() => provision(fleet, null)))) };
      },
      evenly,
      (fleet) => assert.deepEqual(running(fleet), [1, 0]),
    );
    assert.equal(orders, 36);
  });

  for (const [fallen, count] of [
    ['red', 44_903],
    ['blue', 25_267],
  ] as const) {
    test(`three provisions, one failing at create and one at start, while ${fallen} fails at any moment: ${count} orders`, () => {
      const met = { stoppedAfterItRan: 0, placedOnceMore: 0, untouched: 0 };
      const orders = everyOrder(
        () => {
          const { fleet, emergency } = newWorld(3);
          const fails: readonly FailsAt[] = [null, 'create', 'start'];
          return {
            fleet,
            tasks: [
              ...fails.map((at) => begun(later(() => provision(fleet, at)))),
              begun(vpnFails(emergency, fallen)),
            ],
          };
        },
        (fleet) => {
          nothingIsShared(fleet);
          capIsKept(fleet);
        },
        (fleet) => {
          const site = fleet.snapshot().sites.find(({ vpn }) => vpn?.name === fallen);
          assert.equal(site?.running.length, 0, 'an engine survives on the VPN that failed');
          assert.equal(pending(fleet), 0, 'somebody holds a promise for ever');
          const [last, ...more] = fleet.roster.all;
          assert.ok(
            last && more.length === 0,
            'the provision that nothing was wrong with came to something, and no other did',
          );
          if (last.state === 'STOPPING') met.stoppedAfterItRan++;
          else if (Number(last.id.slice('id-'.length)) > 3) met.placedOnceMore++;
          else met.untouched++;

          empty(fleet);
          assert.deepEqual(free(fleet), [portsPerVpn, portsPerVpn], 'a port was lost, or given back twice');
          const next = fleet.reserve(anyPlace);
          assert.ok(!isRefusal(next) && next.engine.name === 'acestream-1', 'a name was lost');
        },
      );
      assert.equal(orders, count);
      assert.ok(
        Math.min(...Object.values(met)) > 100,
        `each way to end is met often: ${JSON.stringify(met)}`,
      );
    });
  }
});
