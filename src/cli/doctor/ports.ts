import type { Settings } from '../../config.ts';
import type { Reach, VpnLook } from '../../docker/docker.ts';
import { isGluetunPort } from '../../domain/ports.ts';
import { some } from '../words.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** The ports that a VPN's engines may have, against those that its container publishes. */
export function lookAtPorts(name: string, settings: Settings, reach: Reach): Finding {
  const about = `Ports of ${name}`;
  const named = settings.ports.get(name);
  const usable = usablePorts(name, settings, reach);
  const span = spanOf(usable);
  const moved = reach.renumbered.filter(({ inside }) =>
    named ? named.includes(inside) : !isGluetunPort(inside, settings.controlPort),
  );
  const renumbered = moved
    .slice(0, 3)
    .map(({ inside, outside }) => `${inside} is published as ${outside}`)
    .join(', ');
  const sameNumber =
    'publish each port under its own number, such as "19000:19000", and create the container anew';

  if (usable.length === 0)
    return failure(
      about,
      `there is none for an engine${moved.length > 0 ? `: ${renumbered}` : ''}`,
      moved.length > 0
        ? sameNumber
        : 'publish some, such as "19000-19019:19000-19019", and create the container anew',
    );
  if (!named)
    return moved.length > 0
      ? warning(about, `${span} for engines; ${renumbered}, which no engine can use`, sameNumber)
      : ok(about, `${some(usable.length, 'port')} for engines, ${span}`);

  const range = `GLUETUN_PORT_RANGE_${settings.vpns.indexOf(name) + 1}`;
  const closed = usable.filter((port) => !reach.publishedPorts.includes(port));
  if (moved.length > 0) return failure(about, `${range} is ${span}, but ${renumbered}`, sameNumber);
  if (closed.length === 0) return ok(about, `${some(usable.length, 'port')} for engines, ${span}`);
  const publish = `publish "${span}:${span}" in the container, and create it anew`;
  return closed.length === usable.length
    ? warning(
        about,
        `${range} is ${span}, and none of it is published: only containers reach the engines`,
        publish,
      )
    : failure(
        about,
        `${range} is ${span}, but ${some(closed.length, 'port')} of it, ${spanOf(closed)}, ${closed.length === 1 ? 'is' : 'are'} not published`,
        `${publish}; or make the range smaller`,
      );
}

/** Whether all VPNs together have a port for every engine. Without VPNs there is nothing to ask: the host has the ports. */
export function lookAtRoom(
  settings: Settings,
  looks: readonly { readonly name: string; readonly seen: VpnLook }[],
): Finding[] {
  if (settings.mode === 'DISABLED') return [];
  const { maxReplicas } = settings.policy;
  const room = looks.reduce(
    (sum, { name, seen }) => sum + (seen.reach ? usablePorts(name, settings, seen.reach).length : 0),
    0,
  );
  if (looks.some(({ seen }) => !seen.reach) || room >= maxReplicas) return [];
  return [
    warning(
      'Room',
      `there are ports for ${some(room, 'engine')}, fewer than MAX_REPLICAS=${maxReplicas}`,
      'publish more ports, or lower MAX_REPLICAS',
    ),
  ];
}

const usablePorts = (name: string, { ports, controlPort }: Settings, { publishedPorts }: Reach): number[] =>
  [...(ports.get(name) ?? publishedPorts)]
    .filter((port) => !isGluetunPort(port, controlPort))
    .sort((a, b) => a - b);

const spanOf = (ports: readonly number[]): string =>
  ports.length === 1 ? String(ports[0]) : `${ports[0]}-${ports.at(-1)}`;
