import type { Clock } from '../../async/clock.ts';
import type { Settings } from '../../config.ts';
import type { DockerAddress } from '../../docker/address.ts';
import type { Reach } from '../../docker/docker.ts';
import { urlOf } from '../../domain/control.ts';
import { askControl } from '../../gluetun/control.ts';
import { openProblem, unheardProblem } from '../../services/control-problem.ts';
import { Routes } from '../../services/routes.ts';
import { type Finding, ok, warning } from './finding.ts';

const answerMs = 2_000;

/** What a VPN's control server answers. Without it engines run, but without its forwarded port, country and address. */
export async function lookAtControl(
  name: string,
  { controlAccess: access, controlPort }: Settings,
  { publishedHost }: DockerAddress,
  reach: Reach,
  clock: Clock,
  signal: AbortSignal,
): Promise<Finding> {
  const about = `Control server of ${name}`;
  const routes = new Routes(publishedHost);
  routes.learn(name, reach);
  const answers = await Promise.all(
    routes.toControl(name, controlPort).map(async (target) => ({
      target,
      answer: await askControl({ target, access, timeoutMs: answerMs, clock, signal }),
    })),
  );
  for (const { target, answer } of answers) {
    if (answer.kind !== 'answered') continue;
    const problem = openProblem(target, answer, access);
    if (problem !== null) return warning(about, problem, controlAdvice);
    const { publicAddress: address, forwardedPort: port } = answer;
    const where = address.kind === 'told' && address.value ? address.value : null;
    const told = [where?.ip, where?.country].filter(Boolean).join(', ') || 'no public address yet';
    const forwarded =
      port.kind === 'told' && port.value !== null
        ? `port ${port.value} is forwarded`
        : 'no port is forwarded';
    return ok(about, `${urlOf(target)} answers: ${told}; ${forwarded}`);
  }
  const unheard = answers.flatMap(({ target, answer }) =>
    answer.kind === 'failed' ? [{ target, why: answer.why }] : [],
  );
  return warning(about, unheardProblem(unheard), controlAdvice);
}

const controlAdvice =
  'engines run without it, but without a forwarded port. Publish GLUETUN_API_PORT or share a network with the VPN, and give Tandem a role there (GLUETUN_API_KEY)';
