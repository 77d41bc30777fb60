import Dockerode from 'dockerode';
import type { Clock } from '../async/clock.ts';
import type { DockerAddress } from './address.ts';
import { DockerodeDocker } from './dockerode.ts';
import type { EngineShape } from './engine-container.ts';

/**
 * Docker at an address. No agent of one's own: docker-modem would inspect it on every call, which costs 25 ms of CPU each,
 * and Node's global agent keeps connections alive anyway.
 */
export const connectDocker = (address: DockerAddress, shape: EngineShape, clock: Clock): DockerodeDocker =>
  new DockerodeDocker(new Dockerode(address.options), address.text, shape, clock);
