import { type Complaint, complaintFrom, exit } from '../exit.ts';
import { Status } from '../operations.ts';
import { connect } from '../service.ts';
import type { GlobalOptions, Shell } from '../shell.ts';
import { isWell } from '../status.ts';
import { some } from '../words.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const about = 'Service';

/** Whether a service runs, takes our key, and is of our version. That none runs yet is no failure. */
export async function lookAtService(shell: Shell, options: GlobalOptions): Promise<Finding> {
  try {
    await using service = connect(shell, options);
    const told = await service.ask(Status, {});
    const engines = some(told.fleet.running, 'engine');
    const simulated = told.fleet.simulated ? ', all of it SIMULATED' : '';
    const found = `${service.url} answers: ${some(told.vpnStatus.vpns.length, 'VPN')}, ${engines}${simulated}`;
    return isWell(told)
      ? ok(about, found)
      : warning(about, `${found}; not all is well`, 'see "tandem status"');
  } catch (problem) {
    return findingFrom(complaintFrom(problem));
  }
}

function findingFrom({ code, message, advice }: Complaint): Finding {
  const todo = advice ?? 'see what it says, and its log';
  return code === exit.unavailable ? warning(about, message, todo) : failure(about, message, todo);
}
