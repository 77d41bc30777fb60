import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { type Address, request } from './request.ts';

export type RealDocker =
  | { readonly here: true; readonly where: string; readonly docker: Docker; readonly address: Address }
  | { readonly here: false; readonly why: string };

/** Says whether a daemon answers where DOCKER_HOST points, or at the usual socket, and what to do if not. */
export async function realDocker(
  where = process.env.DOCKER_HOST || 'unix:///var/run/docker.sock',
): Promise<RealDocker> {
  const address = addressOf(where);
  if (address === undefined)
    return { here: false, why: `DOCKER_HOST is ${where}; these tests know unix:// and tcp://` };
  try {
    await request(address, 'GET', '/_ping', { timeoutMs: 3000 });
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    return {
      here: false,
      why: `no Docker daemon answers at ${where} (${reason}); start one, or set DOCKER_HOST`,
    };
  }
  if (!existsSync('/bin/busybox'))
    return {
      here: false,
      why: 'the stand-in images are made of /bin/busybox; install the package busybox-static',
    };
  return { here: true, where, docker: new Docker(address), address };
}

function addressOf(where: string): Address | undefined {
  const url = new URL(where);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  if (url.protocol === 'tcp:')
    return { host: url.hostname, port: Number(url.port || 2375), protocol: 'http' };
  return undefined;
}
