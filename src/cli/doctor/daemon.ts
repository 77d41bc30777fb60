import type { Settings } from '../../config.ts';
import type { DockerAddress } from '../../docker/address.ts';
import type { Checkup } from '../../docker/checkup.ts';
import { type Finding, failure, ok } from './finding.ts';

/** The daemon, the engines' image, and the network where engines join one. */
export async function lookAtDaemon(
  checkup: Checkup,
  { engine, mode }: Settings,
  { text: address }: DockerAddress,
): Promise<{ answers: boolean; findings: Finding[] }> {
  const told = await checkup.version();
  if (told.kind !== 'version') {
    const found = `${address} does not answer: ${told.message}`;
    return { answers: false, findings: [failure('Docker', found, adviceFor(told.message))] };
  }
  return {
    answers: true,
    findings: [
      ok('Docker', `${address} answers, version ${told.version}`),
      await lookAtImage(checkup, engine.image),
      ...(mode === 'DISABLED' && engine.network ? [await lookAtNetwork(checkup, engine.network)] : []),
    ],
  };
}

function adviceFor(message: string): string {
  if (/EACCES|EPERM/.test(message))
    return 'let this user use the socket: add it to the group "docker" and log in anew, or use a socket proxy';
  return 'start Docker, or have DOCKER_HOST name where it is';
}

async function lookAtImage(checkup: Checkup, image: string): Promise<Finding> {
  const about = 'Engine image';
  const present = await checkup.hasImage(image);
  switch (present.kind) {
    case 'here':
      return ok(about, `${image} is here`);
    case 'absent': {
      const remote = await checkup.canPull(image);
      return remote.kind === 'to be had'
        ? ok(about, `${image} is not here yet, but its registry has it: the first engine pulls it`)
        : failure(
            about,
            `${image} is not here, and cannot be pulled: ${remote.message}`,
            `try "docker pull ${image}"; it may want "docker login", a network, or another ENGINE_IMAGE`,
          );
    }
    default:
      return failure(about, `Docker does not tell: ${present.message}`, 'run it once more');
  }
}

async function lookAtNetwork(checkup: Checkup, network: string): Promise<Finding> {
  const about = 'Network';
  const present = await checkup.hasNetwork(network);
  switch (present.kind) {
    case 'here':
      return ok(about, `${network} is here`);
    case 'absent':
      return failure(
        about,
        `${network} is not here`,
        `make it with "docker network create ${network}", or correct DOCKER_NETWORK`,
      );
    default:
      return failure(about, `Docker does not tell: ${present.message}`, 'run it once more');
  }
}
