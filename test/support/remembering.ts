import { join } from 'node:path';
import { type Daemon, type DaemonOptions, daemon, untilReady } from './simulated.ts';
import { startTandem, type Tandem } from './tandem.ts';

/** A service on an embedded daemon that ends and starts anew on the journal that it left. */
export interface Remembering extends Daemon {
  readonly dataDir: string;
  readonly label: string;
  /** The service that runs now. */
  readonly tandem: Tandem;
  /** Ends the service, does what is to happen while there is none, and starts another on the same folder. */
  again(changes?: Again): Promise<Tandem>;
}

export interface Again {
  readonly meanwhile?: () => unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly vpns?: readonly string[];
}

export interface RememberingOptions extends DaemonOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
}

export async function remembering(options: RememberingOptions = {}): Promise<Remembering> {
  const simulation = await daemon(options);
  const { dockerHost, vpns } = simulation;
  const dataDir = options.dataDir ?? join(simulation.folder, 'data');
  let tandem = await startTandem({ dockerHost, vpns, dataDir, env: options.env ?? {} });
  await untilReady(tandem);
  const { label } = tandem;
  return {
    ...simulation,
    dataDir,
    label,
    get tandem() {
      return tandem;
    },
    async again({ meanwhile = () => {}, env = {}, vpns: others = vpns } = {}) {
      await tandem.stop();
      await meanwhile();
      const environment = { ...options.env, ...env, CONTAINER_LABEL: label };
      tandem = await startTandem({ dockerHost, vpns: others, dataDir, env: environment });
      return tandem;
    },
    async [Symbol.asyncDispose]() {
      await tandem.stop();
      await simulation[Symbol.asyncDispose]();
    },
  };
}
