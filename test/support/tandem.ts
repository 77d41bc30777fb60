import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { checkUpEngine, probeEngine } from '../../src/acestream/ask.ts';
import { type App, makeApp, type Outside } from '../../src/app.ts';
import { type Clock, systemClock } from '../../src/async/clock.ts';
import { readSettings } from '../../src/config.ts';
import { connectDocker } from '../../src/docker/connect.ts';
import { variants } from '../../src/docker/variants.ts';
import { askControl } from '../../src/gluetun/control.ts';
import { openJournal } from '../../src/journal/sqlite.ts';
import { type Served, serve } from '../../src/server/serve.ts';
import { assertFilesSilent, assertSilent, secretsIn } from './canary.ts';
import { type Client, clientOf } from './client.ts';

export interface Tandem extends Client, AsyncDisposable {
  readonly url: string;
  /** What is behind the server. */
  readonly app: App;
  readonly label: string;
  /** The lines of the log so far. When it stops, no secret of its settings may be in them, nor in the journal. */
  readonly logged: readonly string[];
  /** Takes other keys from now on, as on SIGHUP. */
  readonly changeKeys: Served['changeKeys'];
  /** Begins to stop, as on SIGTERM. */
  stop(): Promise<void>;
}

export interface TandemOptions {
  readonly dockerHost: string;
  readonly vpns: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Where it keeps its journal, for one that starts again. */
  readonly dataDir?: string;
  /** Puts something between the service and what it touches. */
  readonly around?: (outside: Outside) => Outside;
}

/** A whole service in this process, on a port of its own, with a label that no other test has. */
export async function startTandem({
  dockerHost,
  vpns,
  env = {},
  clock = systemClock,
  dataDir,
  around = (outside) => outside,
}: TandemOptions): Promise<Tandem> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'tandem-data-')));
  const label = env.CONTAINER_LABEL ?? `tandem.test=${randomUUID()}`;
  const names = Object.fromEntries(
    vpns.map((name, index) => [`GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`}`, name]),
  );
  const settings = readSettings(
    {
      APP_PORT: '0',
      DOCKER_HOST: dockerHost,
      CONTAINER_LABEL: label,
      // Engines that nobody asked for would be in the way of most tests.
      MIN_REPLICAS: '0',
      MAX_REPLICAS: '100',
      ...names,
      ...env,
    },
    null,
  );
  const secrets = secretsIn(env);
  const logged: string[] = [];
  const log = pino({ level: settings.logLevel }, { write: (line: string) => logged.push(line) });
  const { engine, docker: address } = settings;
  if (!address) throw new Error('tests say where Docker is');
  const hostOf = () => engine.host ?? 'localhost';
  const docker = connectDocker(
    address,
    { ...engine, instance: settings.instance, variant: variants[engine.variant], hostOf },
    clock,
  );

  const { eventsMax, eventsMaxMs } = settings;
  const newRun = () => randomUUID().slice(0, 8);
  const { journal } = openJournal({ folder, eventsMax, eventsMaxMs, clock, newRun });
  const stopping = new AbortController();
  const outside = around({
    docker,
    journal,
    probe: probeEngine,
    checkUp: checkUpEngine,
    askControl,
    clock,
    newId: randomUUID,
    log,
    publishedHost: address.publishedHost,
    hostOf,
  });
  const app = makeApp(settings, outside, stopping.signal);
  app.metrics.watchProcess();
  const served = await serve(
    app.context,
    {
      ...settings.http,
      simulated: outside.pretend !== undefined,
      missing: app.missing,
      metrics: app.metrics,
    },
    log,
  );
  const running = app.run();
  const url = `http://127.0.0.1:${served.port}`;

  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort();
      await running;
      await served[Symbol.asyncDispose]();
      journal.close();
      // Whatever a test is about, no secret that it has may be told.
      assertSilent('the log', logged.join(''), secrets);
      await assertFilesSilent(folder, secrets);
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    })();
    return stopped;
  };
  return {
    app,
    ...clientOf(url),
    url,
    label,
    logged,
    changeKeys: (keys) => served.changeKeys(keys),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
