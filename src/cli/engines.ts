import { type ExitCode, exit } from './exit.ts';
import type { EngineFilter, ListedEngineFragment } from './gql/graphql.ts';
import { Engines } from './operations.ts';
import type { Service } from './service.ts';
import { type GlobalOptions, type Paint, paintFor, type Shell } from './shell.ts';
import { columns } from './table.ts';
import { orDash } from './words.ts';

export interface EnginesOptions extends GlobalOptions {
  readonly vpn?: string;
  readonly state?: EngineFilter['states'];
  readonly health?: EngineFilter['health'];
}

/** `tandem engines`: those on offer, or those that are asked for. */
export async function engines(shell: Shell, service: Service, options: EnginesOptions): Promise<ExitCode> {
  const { vpn, state: states, health } = options;
  const { engines: found } = await service.ask(Engines, { filter: { vpn, states, health } });
  if (options.json) shell.out.write(`${JSON.stringify(found)}\n`);
  else {
    const lines = engineLines(found, paintFor(shell.out, shell.env, options));
    shell.out.write(`${lines.join('\n')}\n`);
  }
  return exit.ok;
}

/** The label by which a call knows its engines among those that others ask for. Its value is the idempotency key. */
export const requestLabel = 'cli.request';

/** A table of engines for people, to whom that label says nothing. */
export function engineLines(engines: readonly ListedEngineFragment[], paint: Paint): string[] {
  if (engines.length === 0) return ['No engine.'];
  return columns([
    head.map((name) => paint('dim', name)),
    ...engines.map((engine) => [
      engine.name,
      engine.url,
      orDash(engine.vpn?.name),
      engine.state,
      paint(healthStyles[engine.health], engine.health),
      engine.forwarded ? `${engine.p2pPort}, forwarded` : String(engine.p2pPort),
      orDash(labelsOf(engine)),
    ]),
  ]);
}

const labelsOf = ({ labels }: ListedEngineFragment): string =>
  labels.flatMap(({ key, value }) => (key === requestLabel ? [] : [`${key}=${value}`])).join(' ');

const head = ['ENGINE', 'URL', 'VPN', 'STATE', 'HEALTH', 'P2P PORT', 'LABELS'];
const healthStyles = { HEALTHY: 'green', UNHEALTHY: 'red', UNKNOWN: 'dim' } as const;
