import type { Settings } from '../../config.ts';
import type { DockerAddress } from '../../docker/address.ts';
import { connectCheckup } from '../../docker/checkup.ts';
import { type ExitCode, exit } from '../exit.ts';
import { type GlobalOptions, type Paint, paintFor, type Shell } from '../shell.ts';
import { some } from '../words.ts';
import { lookAtDaemon } from './daemon.ts';
import type { Finding } from './finding.ts';
import { lookAtFolder } from './folder.ts';
import { lookAtService } from './service.ts';
import { lookAtKey, readFindings } from './settings.ts';
import { lookAtVpns } from './vpn.ts';

/** `tandem doctor`: looks at all that a service needs, by itself and with the service's own settings. */
export async function doctor(shell: Shell, options: GlobalOptions): Promise<ExitCode> {
  const { settings, findings } = readFindings(shell.env);
  const all = [
    ...findings,
    ...(settings ? [lookAtKey(settings), lookAtFolder(settings)] : []),
    ...(settings?.docker ? await lookAtDocker(shell, settings, settings.docker) : []),
    await lookAtService(shell, options),
  ];
  const failures = all.filter(({ verdict }) => verdict === 'FAILURE');
  if (options.json) shell.out.write(`${JSON.stringify({ ok: failures.length === 0, findings: all })}\n`);
  else shell.out.write(`${report(all, paintFor(shell.out, shell.env, options)).join('\n')}\n`);
  return failures.length === 0 ? exit.ok : exit.unwell;
}

/** Where no daemon answers there is nothing more to be seen. */
async function lookAtDocker(
  { clock, signal }: Shell,
  settings: Settings,
  address: DockerAddress,
): Promise<Finding[]> {
  const checkup = connectCheckup(address, clock);
  const daemon = await lookAtDaemon(checkup, settings, address);
  if (!daemon.answers) return daemon.findings;
  return [...daemon.findings, ...(await lookAtVpns(settings, address, clock, signal))];
}

const styles = { OK: 'green', WARNING: 'yellow', FAILURE: 'red' } as const;

function report(findings: readonly Finding[], paint: Paint): string[] {
  const count = (verdict: Finding['verdict']) => findings.filter((each) => each.verdict === verdict).length;
  return [
    ...findings.flatMap(({ about, verdict, found, advice }) => [
      `${paint(styles[verdict], verdict.padEnd(7))}  ${about}: ${found}`,
      ...(advice === null ? [] : [`         ${paint('bold', 'To do:')} ${advice}`]),
    ]),
    '',
    `${some(count('FAILURE'), 'failure')}, ${some(count('WARNING'), 'warning')}.`,
  ];
}
