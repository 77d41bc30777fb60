import { type ExitCode, exit } from './exit.ts';
import type { EngineRef } from './gql/graphql.ts';
import { StopEngine } from './operations.ts';
import type { Service } from './service.ts';
import type { GlobalOptions, Shell } from './shell.ts';

/** Docker may take its time to remove a container. */
const stopsWithinMs = 120_000;

/** `tandem stop`: stops engines for good, all at once. */
export async function stop(
  shell: Shell,
  service: Service,
  meant: readonly string[],
  options: GlobalOptions,
): Promise<ExitCode> {
  const results = await Promise.all(
    meant.map(async (name) => {
      const { stopEngine } = await service.ask(StopEngine, { engine: refFrom(name) }, stopsWithinMs);
      return { asked: name, ...stopEngine };
    }),
  );
  if (options.json) shell.out.write(`${JSON.stringify(results)}\n`);
  for (const result of results) {
    if (result.__typename !== 'Engine') shell.err.write(`tandem: ${result.asked}: ${result.message}\n`);
    else if (!options.json) shell.out.write(`${result.name} is ${result.state}\n`);
  }
  const stopped = results.filter(({ __typename: kind }) => kind === 'Engine').length;
  return stopped === results.length ? exit.ok : stopped === 0 ? exit.unwell : exit.inPart;
}

/** An engine's name, its id, or its container's: what it is shows in its form. */
function refFrom(text: string): EngineRef {
  if (/^[0-9a-f]{64}$/.test(text)) return { containerId: text };
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? { id: text } : { name: text };
}
