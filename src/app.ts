import type { CheckUp, Probe } from './acestream/ask.ts';
import { allOrNothing, untilAborted } from './async/all-or-nothing.ts';
import type { Clock } from './async/clock.ts';
import type { Settings } from './config.ts';
import type { Services } from './context.ts';
import type { Docker } from './docker/docker.ts';
import type { Pretend } from './docker/embedded/index.ts';
import type { AskControl } from './gluetun/control.ts';
import type { Journal } from './journal/journal.ts';
import { Metrics } from './metrics/metrics.ts';
import { Autoscaler } from './services/autoscaler.ts';
import { CensusTaker } from './services/census-taker.ts';
import { ControlReader } from './services/control-reader.ts';
import { Departed } from './services/departed.ts';
import { watchDocker } from './services/docker-watch.ts';
import { EmergencyMode } from './services/emergency.ts';
import { EventLog } from './services/event-log.ts';
import { Evidence } from './services/evidence.ts';
import { Fleet } from './services/fleet.ts';
import { HealthManager } from './services/health-manager.ts';
import { IdempotencyKeys } from './services/idempotency.ts';
import type { Log } from './services/log.ts';
import { Orphans } from './services/orphans.ts';
import { Provisioner } from './services/provisioner.ts';
import { Reader } from './services/reader.ts';
import { Reconciler } from './services/reconciler.ts';
import { Removal } from './services/removal.ts';
import { Routes } from './services/routes.ts';
import { Simulation } from './services/simulation.ts';
import { Starter } from './services/starter.ts';
import { watchStorage } from './services/storage-watch.ts';
import { tellLog } from './services/tell-log.ts';
import { VpnMonitor } from './services/vpn-monitor.ts';

/** What the service touches but does not own. Tests bring their own. */
export interface Outside {
  readonly docker: Docker;
  readonly journal: Journal;
  readonly probe: Probe;
  readonly checkUp: CheckUp;
  readonly askControl: AskControl;
  readonly clock: Clock;
  /** A UUID that nobody has had before. */
  readonly newId: () => string;
  readonly log: Log;
  /** Where ports that Docker publishes are reached from here. */
  readonly publishedHost: string;
  /** Where Docker is the embedded engine, what makes its VPNs well and ill. */
  readonly pretend?: Pretend;
  /** What clients are told to reach an engine at. */
  readonly hostOf: (vpn: string | null, engineName: string) => string;
}

export interface App {
  readonly context: Services;
  readonly metrics: Metrics;
  /** What is still missing before the service can do its work; empty when it is ready. */
  readonly missing: () => readonly string[];
  /** Begins to work; settles when `stopping` has aborted and everything begun has ended, or when a loop failed. */
  readonly run: () => Promise<void>;
}

const phaseInWords = { RECOVERING: 'engines are being adopted', SHUTTING_DOWN: 'Tandem is shutting down' };

/** The newest events stay in memory, for subscribers; the journal has all. */
const eventsInMemory = 1_000;

/** Milliseconds after which a service that stops gives up the starts under way, and after which it waits for nothing. */
const finishMs = 6_000;
const endMs = 9_000;

/** Makes everything, once, by hand; nothing happens before `run`. */
export function makeApp(settings: Settings, outside: Outside, stopping: AbortSignal): App {
  const { docker, probe, clock, newId, log } = outside;
  const { journal } = outside;
  const metrics = new Metrics({
    snapshot: () => fleet.snapshot(),
    journal,
    storageTrouble: () => events.trouble,
  });
  const events = new EventLog(
    journal,
    newId().slice(0, 8),
    Math.min(eventsInMemory, settings.eventsMax),
    metrics,
  );
  const fleet = new Fleet(
    {
      mode: settings.mode,
      simulated: outside.pretend !== undefined,
      vpns: settings.vpns,
      ports: settings.ports,
      controlPort: settings.controlPort,
      policy: settings.policy,
      engine: { image: settings.engine.image, hostOf: outside.hostOf },
    },
    {
      clock,
      log: events,
      departed: new Departed(journal, clock),
      newId,
      past: journal.newest?.snapshot ?? null,
    },
  );
  const evidence = new Evidence({
    fleet,
    events,
    policy: settings.policy,
    stirred: (vpn) => monitor.stirred(vpn),
  });
  const emergency = new EmergencyMode({
    fleet,
    events,
    evidence,
    policy: settings.policy,
    newId,
  });
  const routes = new Routes(outside.publishedHost);
  const ending = new AbortController();
  const removal = new Removal({ fleet, docker, events, clock, log, ending: ending.signal });
  const { policy, controlPort, lookIntervalMs: intervalMs } = settings;
  const orphans = new Orphans(docker, log);
  const census = new CensusTaker({
    fleet,
    emergency,
    events,
    orphans,
    docker,
    clock,
    log,
    intervalMs: settings.reconcileIntervalMs,
  });
  const monitor = new VpnMonitor(settings.vpns, {
    fleet,
    emergency,
    docker,
    routes,
    clock,
    log,
    policy,
    controlPort,
    intervalMs,
  });
  const control = new ControlReader({
    fleet,
    evidence,
    events,
    routes,
    clock,
    askControl: outside.askControl,
    access: settings.controlAccess,
    controlPort,
    intervalMs,
  });
  const provisioner = new Provisioner({
    fleet,
    events,
    clock,
    ending: ending.signal,
    starter: new Starter(settings.engine, {
      docker,
      probe,
      routes,
      clock,
      log,
      contested: (engine) => fleet.sites.neighbourHolds(engine),
    }),
    removal,
    keys: new IdempotencyKeys(fleet, clock),
    meter: metrics,
    lookAgain: (vpn) => monitor.lookAgain(vpn),
    neighbourHolds: (engine) => census.neighbourHolds(engine),
    dockerTrouble: () => census.trouble,
    instanceKey: settings.instance.key,
  });
  const reconciler = new Reconciler({
    fleet,
    events,
    provisioner,
    emergency,
    orphans,
    docker,
    clock,
    log,
    meter: metrics,
    beatMs: settings.reconcileIntervalMs,
  });

  const health = new HealthManager({
    fleet,
    evidence,
    events,
    routes,
    checkUp: outside.checkUp,
    clock,
    intervalMs: settings.healthIntervalMs,
  });

  const serveWhenKnown = async () => {
    await Promise.all([census.first, monitor.allSeen]);
    if (stopping.aborted || ending.signal.aborted) return;
    fleet.enter('SERVING');
    emergency.settle();
    monitor.stirred(null);
    provisioner.resume();
  };
  const stop = async () => {
    await Promise.race([untilAborted(stopping), untilAborted(ending.signal)]);
    fleet.enter('SHUTTING_DOWN');
    const begun = clock.now();
    await Promise.race([provisioner.idle(), clock.sleep(finishMs, ending.signal)]);
    provisioner.abandonAll('Tandem is shutting down');
    if (settings.stopEnginesOnExit) provisioner.stopAll('STOP_ENGINES_ON_EXIT');
    await Promise.race([
      Promise.all([provisioner.idle(), removal.untilNoneLeaves(ending.signal)]),
      clock.sleep(endMs - (clock.now() - begun), ending.signal),
    ]);
    ending.abort();
    docker.close();
  };

  const loops = [
    (signal: AbortSignal) => removal.run(signal),
    (signal: AbortSignal) => census.run(signal),
    // Whether a VPN is inhabited is known only when the engines that run are.
    (signal: AbortSignal) =>
      Promise.race([census.first, untilAborted(signal)]).then(() => monitor.run(signal)),
    (signal: AbortSignal) => control.run(signal),
    (signal: AbortSignal) => health.run(signal),
    (signal: AbortSignal) => watchDocker(docker, monitor, census, log, signal),
    (signal: AbortSignal) => reconciler.run(signal),
    (signal: AbortSignal) => watchStorage(events, clock, log, signal),
    (signal: AbortSignal) => tellLog(events, log, signal),
  ];
  return {
    context: {
      fleet,
      events,
      reader: new Reader(fleet, events),
      provisioner,
      autoscaler: new Autoscaler(fleet),
      emergency,
      simulation: new Simulation({
        fleet,
        events,
        clock,
        ending: ending.signal,
        lookAgain: (vpn) => monitor.lookAgain(vpn),
        pretend: outside.pretend,
      }),
    },
    metrics,
    missing: () => [
      ...(census.trouble === null ? [] : [census.trouble]),
      ...monitor.unseen.map((vpn) => `${vpn} was not looked at yet`),
      ...(events.trouble === null ? [] : [events.trouble]),
      ...(fleet.phase === 'SERVING' ? [] : [phaseInWords[fleet.phase]]),
    ],
    run: () => {
      fleet.turnover.evict();
      void serveWhenKnown();
      return allOrNothing([stop, ...loops.map((loop) => () => loop(ending.signal))], ending);
    },
  };
}
