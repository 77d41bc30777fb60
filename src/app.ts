import { randomUUID } from 'node:crypto';
import type { Probe } from './acestream/probe.ts';
import { allOrNothing, untilAborted } from './async/all-or-nothing.ts';
import type { Clock } from './async/clock.ts';
import type { Settings } from './config.ts';
import type { Context } from './context.ts';
import type { Docker } from './docker/docker.ts';
import type { AskControl } from './gluetun/control.ts';
import { CensusTaker } from './services/census-taker.ts';
import { ControlReader } from './services/control-reader.ts';
import { watchDocker } from './services/docker-watch.ts';
import { EventLog } from './services/event-log.ts';
import { Fleet } from './services/fleet.ts';
import { IdempotencyKeys } from './services/idempotency.ts';
import type { Log } from './services/log.ts';
import { Provisioner } from './services/provisioner.ts';
import { Reader } from './services/reader.ts';
import { Removal } from './services/removal.ts';
import { Routes } from './services/routes.ts';
import { Starter } from './services/starter.ts';
import { tellLog } from './services/tell-log.ts';
import { VpnMonitor } from './services/vpn-monitor.ts';

/** What the service touches but does not own. Tests bring their own. */
export interface Outside {
  readonly docker: Docker;
  readonly probe: Probe;
  readonly askControl: AskControl;
  readonly clock: Clock;
  readonly log: Log;
  /** Where ports that Docker publishes are reached from here. */
  readonly publishedHost: string;
  /** What clients are told to reach an engine at. */
  readonly hostOf: (vpn: string | null, engineName: string) => string;
}

export interface App {
  readonly context: Context;
  /** What is still missing before the service can do its work; empty when it is ready. */
  readonly missing: () => readonly string[];
  /** Begins to work; settles when `stopping` has aborted and everything begun has ended, or when a loop failed. */
  readonly run: () => Promise<void>;
}

const phaseInWords = { RECOVERING: 'engines are being adopted', SHUTTING_DOWN: 'Tandem is shutting down' };

/** Milliseconds for starts under way to end by themselves when the service stops, and then to be rolled back. */
const finishMs = 6_000;
const rollBackMs = 3_000;

/** Makes everything, once, by hand; nothing happens before `run`. */
export function makeApp(settings: Settings, outside: Outside, stopping: AbortSignal): App {
  const { docker, probe, clock, log } = outside;
  const events = new EventLog(randomUUID().slice(0, 8), settings.eventsMax);
  const fleet = new Fleet(
    {
      mode: settings.mode,
      simulated: settings.docker === null,
      vpns: settings.vpns,
      ports: settings.ports,
      controlPort: settings.controlPort,
      policy: settings.policy,
      engine: { image: settings.engine.image, hostOf: outside.hostOf },
    },
    clock,
    events,
    randomUUID,
  );
  const routes = new Routes(outside.publishedHost);
  const removal = new Removal({ fleet, docker, events, clock, log });
  const census = new CensusTaker({ fleet, docker, clock, log });
  const { policy, controlPort, lookIntervalMs: intervalMs } = settings;
  const monitor = new VpnMonitor(settings.vpns, {
    fleet,
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
    starter: new Starter(settings.engine, {
      docker,
      probe,
      routes,
      clock,
      log,
      contested: (engine) => fleet.neighbourHolds(engine),
    }),
    removal,
    keys: new IdempotencyKeys(clock),
    lookAgain: (vpn) => monitor.lookAgain(vpn),
    neighbourHolds: (engine) => census.neighbourHolds(engine),
    dockerTrouble: () => census.trouble,
    instanceKey: settings.instance.key,
  });

  const ending = new AbortController();
  const serveWhenKnown = async () => {
    await Promise.all([census.first, monitor.allSeen]);
    if (!stopping.aborted && !ending.signal.aborted) fleet.enter('SERVING');
  };
  const stop = async () => {
    await Promise.race([untilAborted(stopping), untilAborted(ending.signal)]);
    fleet.enter('SHUTTING_DOWN');
    await Promise.race([provisioner.idle(), clock.sleep(finishMs, ending.signal)]);
    provisioner.abandonAll('Tandem is shutting down');
    await Promise.race([provisioner.idle(), clock.sleep(rollBackMs, ending.signal)]);
    ending.abort();
    docker.close();
  };

  const loops = [
    (signal: AbortSignal) => removal.run(signal),
    (signal: AbortSignal) => census.run(signal),
    (signal: AbortSignal) => monitor.run(signal),
    (signal: AbortSignal) => control.run(signal),
    (signal: AbortSignal) => watchDocker(docker, monitor, census, log, signal),
    (signal: AbortSignal) => tellLog(events, log, signal),
  ];
  return {
    context: { fleet, events, reader: new Reader(fleet, events), provisioner },
    missing: () => [
      ...(census.trouble === null ? [] : [census.trouble]),
      ...monitor.unseen.map((vpn) => `${vpn} was not looked at yet`),
      ...(fleet.phase === 'SERVING' ? [] : [phaseInWords[fleet.phase]]),
    ],
    run: () => {
      void serveWhenKnown();
      return allOrNothing([stop, ...loops.map((loop) => () => loop(ending.signal))], ending);
    },
  };
}
