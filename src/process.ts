import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parseEnv } from 'node:util';
import { pino } from 'pino';
import { checkUpEngine, probeEngine } from './acestream/ask.ts';
import { makeApp } from './app.ts';
import { systemClock } from './async/clock.ts';
import { readKeysAgain } from './config/keys.ts';
import { ConfigurationError, type Environment } from './config/mistakes.ts';
import { isUnconfigured, readSettings, type Settings } from './config.ts';
import type { DockerAddress } from './docker/address.ts';
import { connectDocker } from './docker/connect.ts';
import { variants } from './docker/variants.ts';
import { askControl } from './gluetun/control.ts';
import type { Journal } from './journal/journal.ts';
import { JournalBusy, JournalUnusable, openJournal } from './journal/sqlite.ts';
import { type Served, serve } from './server/serve.ts';
import type { Log } from './services/log.ts';
import { type SimulatedVpns, simulateDocker, simulatedVpns } from './simulated.ts';

/** sysexits.h: the configuration is wrong. */
const exitConfiguration = 78;

/** What the process was given, which is the same for its whole life and comes before .env. */
const given: Environment = { ...process.env };

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const embedded = process.argv.includes('--embedded') && isUnconfigured(process.env);
  await using simulated = embedded ? await simulatedVpns() : null;
  const settings = readOrExit(simulated?.ranges ?? null);
  const log = pino({ level: settings.logLevel });

  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      log.info({ signal }, 'stopping; a second signal ends at once');
      stopping.abort();
    });
  }

  // Before anything is served there is nothing to change; but left alone, it would end the process.
  let early = false;
  let hungUp = () => {
    early = true;
  };
  process.on('SIGHUP', () => hungUp());

  await using daemon = settings.docker ? null : await simulateDocker(settings.ports);
  const journal = openOrExit(settings.dataDir ?? daemon?.folder ?? '.', settings, log);
  using _closing = { [Symbol.dispose]: () => journal.close() };
  const address = settings.docker ?? daemon?.address;
  if (!address) throw new Error('there is no Docker to connect to');
  const inContainer = !embedded && runsInContainer();
  const { engine } = settings;
  const hostOf = (vpn: string | null, name: string) =>
    engine.host ?? (inContainer ? (vpn ?? name) : 'localhost');
  const shape = {
    instance: settings.instance,
    variant: variants[engine.variant],
    image: engine.image,
    memoryLimit: engine.memoryLimit,
    network: engine.network,
    hostOf,
  };
  const docker = connectDocker(address, shape, systemClock);

  const app = makeApp(
    settings,
    {
      docker,
      journal,
      probe: probeEngine,
      checkUp: checkUpEngine,
      askControl,
      clock: systemClock,
      newId: randomUUID,
      log,
      publishedHost: address.publishedHost,
      hostOf,
      ...(daemon && { pretend: daemon.pretend }),
    },
    stopping.signal,
  );
  app.metrics.watchProcess();
  // The port comes first: a second instance that finds it taken must not touch the containers of the first.
  await using served = await serve(
    app.context,
    { ...settings.http, simulated: embedded, missing: app.missing, metrics: app.metrics },
    log,
  ).catch((problem) => exitPortTaken(problem, settings));
  hungUp = () => changeKeys(settings, served, log);
  if (early) hungUp();
  welcome(settings, served, embedded, address);
  // Otherwise written at the end alone, and a process that is killed has none.
  flushCompileCache();
  await app.run();
  log.info({}, 'stopped');
}

/** Takes the keys anew from .env and the files that hold them; the rest of the settings needs a restart. */
function changeKeys({ http }: Settings, served: Served, log: Log): void {
  try {
    const env = { ...(existsSync('.env') && parseEnv(readFileSync('.env', 'utf8'))), ...given };
    const keys = readKeysAgain(env);
    // Who listens on every address because there is a key must not be open all of a sudden.
    if (keys.all === null && http.keys.all !== null)
      throw new ConfigurationError([{ name: 'API_KEY', message: 'is not set; without one, start anew' }]);
    log.info(
      { closed: served.changeKeys(keys) },
      'the keys were read anew; what others had opened is closed',
    );
  } catch (problem) {
    const mistakes = problem instanceof ConfigurationError ? problem.mistakes : [String(problem)];
    log.error({ mistakes }, 'the keys could not be read anew, and are as they were');
  }
}

function exitPortTaken(problem: NodeJS.ErrnoException, { http }: Settings): never {
  if (problem.code !== 'EADDRINUSE' && problem.code !== 'EACCES' && problem.code !== 'EADDRNOTAVAIL')
    throw problem;
  console.error(
    `tandem: cannot listen on ${http.host}:${http.port} (${problem.code}). Set APP_PORT, or HOST, to what is free here.`,
  );
  process.exit(exitConfiguration);
}

/** Docker mounts a container's own hostname file; /.dockerenv is not asked, for images of virtual machines carry it too. */
function runsInContainer(): boolean {
  const mounts = existsSync('/proc/self/mountinfo') ? readFileSync('/proc/self/mountinfo', 'utf8') : '';
  return /\/containers\/[0-9a-f]{64}\/hostname/.test(mounts);
}

function readOrExit(simulated: SimulatedVpns['ranges'] | null): Settings {
  try {
    return readSettings(process.env, simulated);
  } catch (problem) {
    if (!(problem instanceof ConfigurationError)) throw problem;
    console.error('tandem: the configuration has mistakes:');
    for (const { name, message } of problem.mistakes) console.error(`  ${name} ${message}`);
    process.exit(exitConfiguration);
  }
}

/** A second process on one journal would undo what the first decides, so it does not get far. */
function openOrExit(folder: string, { eventsMax, eventsMaxMs }: Settings, log: Log): Journal {
  try {
    const { journal, setAside } = openJournal({
      folder,
      eventsMax,
      eventsMaxMs,
      clock: systemClock,
      newRun: () => randomUUID().slice(0, 8),
      report: (problem) => log.error({ err: problem }, 'old events could not be deleted from the journal'),
    });
    if (setAside)
      log.error(
        setAside,
        'the journal was damaged and is set aside; engines are found by their labels, what else it held is forgotten',
      );
    return journal;
  } catch (problem) {
    if (!(problem instanceof JournalBusy || problem instanceof JournalUnusable)) throw problem;
    console.error(`tandem: ${problem.message}`);
    process.exit(exitConfiguration);
  }
}

function welcome({ http }: Settings, { port }: Served, simulated: boolean, docker: DockerAddress): void {
  const host = ['0.0.0.0', '::', '127.0.0.1'].includes(http.host) ? 'localhost' : http.host;
  console.log(`
Tandem runs${simulated ? ' on its embedded engine: VPNs and engines are SIMULATED, no container exists' : ''}.
  Docker      ${docker.text}
  Listening   ${http.host}:${port}${http.keys.all === null ? ', without a key' : ', with a key'}

  Dashboard   http://${host}:${port}/
  Playground  http://${host}:${port}/graphql
  Live        ws://${host}:${port}/graphql
  Ready?      http://${host}:${port}/readyz

Paste this into the playground:

  mutation { provisionEngines(input: { count: 10 }) { engines { name url vpn { name } } errors { message } } }
`);
}

await main();
