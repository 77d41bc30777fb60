import type { Clock } from '../../async/clock.ts';
import type { Settings } from '../../config.ts';
import type { DockerAddress } from '../../docker/address.ts';
import { connectDocker } from '../../docker/connect.ts';
import type { VpnLook } from '../../docker/docker.ts';
import { variants } from '../../docker/variants.ts';
import { lookAtControl } from './control.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import { lookAtPorts, lookAtRoom } from './ports.ts';

/** Every VPN that is configured: its container, its ports and its control server. */
export async function lookAtVpns(
  settings: Settings,
  address: DockerAddress,
  clock: Clock,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { engine, instance } = settings;
  const shape = { ...engine, instance, variant: variants[engine.variant], hostOf: () => 'localhost' };
  const docker = connectDocker(address, shape, clock);
  const looks = await Promise.all(
    settings.vpns.map(async (name) => ({ name, seen: await docker.lookAtVpn(name) })),
  );
  const findings = await Promise.all(
    looks.map(async ({ name, seen }) => [
      lookAtContainer(name, seen),
      ...(seen.reach ? [lookAtPorts(name, settings, seen.reach)] : []),
      ...(seen.reach && runs(seen)
        ? [await lookAtControl(name, settings, address, seen.reach, clock, signal)]
        : []),
    ]),
  );
  return [...findings.flat(), ...lookAtRoom(settings, looks)];
}

const runs = ({ look }: VpnLook): boolean => look.kind === 'seen' && look.status === 'running';

function lookAtContainer(name: string, { look }: VpnLook): Finding {
  const about = `VPN ${name}`;
  if (look.kind === 'missing')
    return failure(
      about,
      'there is no such container',
      `create it ("docker compose up -d ${name}"), or correct its name in GLUETUN_CONTAINER_NAME`,
    );
  if (look.kind === 'unanswered') return failure(about, 'Docker did not show it', 'run it once more');
  if (look.status !== 'running')
    return failure(
      about,
      `it is ${look.status}`,
      `docker ${look.status === 'paused' ? 'unpause' : 'start'} ${name}`,
    );
  switch (look.health) {
    case 'healthy':
      return ok(about, 'it runs and is healthy');
    case 'starting':
      return warning(
        about,
        'it runs, and its HEALTHCHECK has not decided yet',
        'wait, and run this once more',
      );
    case 'unhealthy':
      return failure(
        about,
        'it runs, but its HEALTHCHECK calls it unhealthy',
        `docker logs --tail 50 ${name}`,
      );
    case 'none':
      return warning(
        about,
        'it runs, but has no HEALTHCHECK: as long as it runs it is taken for healthy',
        'use an image that has one, as qmcgaw/gluetun does, and do not switch it off in compose',
      );
  }
}
