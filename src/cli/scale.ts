import { type ExitCode, exit } from './exit.ts';
import { ScaleEngines } from './operations.ts';
import type { Service } from './service.ts';
import type { GlobalOptions, Shell } from './shell.ts';
import { some } from './words.ts';

/** `tandem scale`: sets how many engines are kept from now on. */
export async function scale(
  shell: Shell,
  service: Service,
  to: number,
  { json }: GlobalOptions,
): Promise<ExitCode> {
  const { scaleEngines: fleet } = await service.ask(ScaleEngines, { to });
  shell.out.write(
    json
      ? `${JSON.stringify(fleet)}\n`
      : `Kept from now on: ${some(fleet.desired, 'engine')}; ${fleet.running} running, ${fleet.pending} being made.\n`,
  );
  return exit.ok;
}
