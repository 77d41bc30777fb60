import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '../support/docker/fault-proxy.ts';
import { Faults } from '../support/docker/faults.ts';
import { Random } from '../support/random.ts';
import { here, real } from '../support/real.ts';
import { ApiWatch } from './api-watch.ts';
import { audit } from './audit.ts';
import { Clients } from './clients.ts';
import { DaemonWatch } from './daemon-watch.ts';
import { EngineTroubles } from './engine-troubles.ts';
import { Fairness } from './fairness.ts';
import { Rounds } from './rounds.ts';
import { Service } from './service.ts';
import { environment, rulesFor } from './settings.ts';
import { Tally } from './tally.ts';
import { TroubledVpn } from './vpn-troubles.ts';
import { Witness } from './witness.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** How often the service is killed in all of it. */
  readonly kills: number;
  readonly signal: AbortSignal;
  /** Told once a minute how far it is. */
  readonly progress: (soak: Soaked) => void;
}

/** All that a soak has found so far. */
export interface Soaked {
  readonly seed: number;
  readonly minutes: number;
  readonly rounds: Rounds;
  readonly tally: Tally;
  readonly faults: Faults;
  readonly service: Service;
  readonly witness: Witness;
  readonly fairness: Fairness;
  readonly watch: ApiWatch;
  readonly vpns: readonly TroubledVpn[];
  readonly engines: EngineTroubles;
}

const minuteMs = 60_000;
/** Each check is a process, which the service would miss. */
const checkS = 1;

/** A service on a real daemon that everything happens to, with the oracles watching. */
export async function soak(options: SoakOptions, report: (soaked: Soaked) => void): Promise<void> {
  if (!here.here) throw new Error(here.why);
  const { seed, minutes, kills, signal } = options;
  const random = new Random(seed);
  await using world = await real({ checkS });
  const vpns = world.vpns.map((vpn) => new TroubledVpn(vpn, new Random(random.below(2 ** 32))));
  const [first = '', second = ''] = world.vpns.map(({ name }) => name);
  const env = world.environment(environment(21_000 + 50 * randomInt(0, 160)));
  const [key = '', value = ''] = env.CONTAINER_LABEL.split('=');
  const label = [key, value] as const;

  const witness = new Witness(rulesFor(label, [first, second]));
  const tally = new Tally();
  witness.listen((sight) => tally.see(sight));
  await using daemon = await DaemonWatch.open(world.docker, label, [first, second], witness);
  const faults = new Faults(random.below(2 ** 32));
  await using proxy = await FaultProxy.open(here.address, faults, async (call) => {
    const called = await audit(world.docker, call);
    if (called) witness.see(called);
  });
  await using service = await Service.prepare(
    { ...env, DOCKER_HOST: proxy.dockerHost },
    (moment) => faults.since(moment),
    witness,
  );
  await using watch = new ApiWatch(() => service.client, [first, second], witness);
  service.heardBy(() => watch.untilDeaf());
  const trouble = {
    lastAt: () => faults.lastAt,
    daemonIsSlow: () => daemon.slow,
  };
  await using fairness = new Fairness(trouble, witness);
  const clients = new Clients({
    client: () => service.client,
    watch,
    witness,
    random: new Random(random.below(2 ** 32)),
  });
  const engines = new EngineTroubles(world.docker, daemon, new Random(random.below(2 ** 32)));
  const rounds = new Rounds({
    ...{
      random: new Random(random.below(2 ** 32)),
      proxy,
      service,
      clients,
      vpns,
      engines,
      daemon,
      watch,
      fairness,
      witness,
    },
    killsPerMs: kills / (minutes * minuteMs),
  });

  const begun = performance.now();
  const soFar = (): Soaked => ({
    ...{ seed, rounds, tally, faults, service, witness, fairness, watch, vpns, engines },
    minutes: (performance.now() - begun) / minuteMs,
  });
  const telling = setInterval(() => options.progress(soFar()), minuteMs);
  try {
    await service.start();
    while (!signal.aborted && performance.now() - begun < minutes * minuteMs && !rounds.stuck)
      await rounds.next();
    await sleep(0);
    await witness.upToNow;
  } finally {
    clearInterval(telling);
    report(soFar());
  }
}
