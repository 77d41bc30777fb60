import { z } from 'zod';
import type { VpnMode } from '../domain/snapshot.ts';
import type { Complain, Environment } from './mistakes.ts';
import { containerName, type Values } from './variables.ts';

/** By site: what is meant where no range is named. Other VPNs have what their containers publish. */
export const hostPorts: ReadonlyMap<string, string> = new Map([['', '19000-19999']]);
const vpnName = /^GLUETUN_CONTAINER_NAME(?:_(\d+))?$/;

/** Whether a variable names a VPN's container. */
export const namesVpn = (variable: string): boolean => vpnName.test(variable);

const range = z.string().transform((text, context) => {
  const [, first = 0, last = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (first >= 1 && first <= last && last <= 65_535) return { first, last };
  context.addIssue('a range of ports such as 19000-19999');
  return z.NEVER;
});

/** GLUETUN_CONTAINER_NAME, _2, _3, … without a gap. */
export function readVpns(env: Environment, complain: Complain): string[] {
  const numbers = Object.keys(env)
    .filter((name) => env[name] && vpnName.test(name))
    .map((name) => Number(vpnName.exec(name)?.[1] ?? 1))
    .sort((a, b) => a - b);
  const seen = new Set<string>();
  return numbers.flatMap((number, index) => {
    const name = number === 1 ? 'GLUETUN_CONTAINER_NAME' : `GLUETUN_CONTAINER_NAME_${number}`;
    const value = env[name] ?? '';
    if (number !== index + 1)
      complain(
        name,
        `numbers without a gap: GLUETUN_CONTAINER_NAME${index === 0 ? '' : `_${index + 1}`} is not set`,
      );
    else if (!containerName.safeParse(value).success) complain(name, "a container's name");
    else if (seen.has(value)) complain(name, 'a name of its own; another VPN has this one already');
    else {
      seen.add(value);
      return [value];
    }
    return [];
  });
}

/** GLUETUN_PORT_RANGE_1, _2, … by VPN; in mode DISABLED the first is the host's. */
export function readPorts(
  env: Environment,
  vpns: readonly string[],
  otherwise: ReadonlyMap<string, string>,
  complain: Complain,
): Map<string, readonly number[]> {
  const sites = vpns.length === 0 ? [''] : vpns;
  for (const name of Object.keys(env)) {
    const number = /^GLUETUN_PORT_RANGE_(\d+)$/.exec(name)?.[1];
    if (env[name] && number !== undefined && !(Number(number) >= 1 && Number(number) <= sites.length))
      complain(name, `ranges 1 to ${sites.length}, one for each VPN that is named`);
  }
  const ports = new Map<string, readonly number[]>();
  const taken = new Map<number, string>();
  for (const [index, site] of sites.entries()) {
    const name = `GLUETUN_PORT_RANGE_${index + 1}`;
    const text = env[name] || otherwise.get(site);
    if (text === undefined) continue;
    const parsed = range.safeParse(text);
    if (!parsed.success) {
      complain(name, 'a range of ports such as 19000-19999');
      continue;
    }
    const { first, last } = parsed.data;
    const numbers = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    const clash = numbers.find((port) => taken.has(port));
    if (clash !== undefined)
      complain(
        name,
        `a range of its own; port ${clash} is in ${taken.get(clash)} too, and a host publishes a port once`,
      );
    for (const port of numbers) taken.set(port, name);
    ports.set(site, numbers);
  }
  return ports;
}

/** VPN_MODE, or what follows from the number of VPNs named. */
export function modeOf(named: Values['VPN_MODE'], vpns: readonly string[]): VpnMode {
  switch (named) {
    case 'disabled':
      return 'DISABLED';
    case 'single':
      return 'SINGLE';
    case 'redundant':
      return 'REDUNDANT';
    case undefined:
      return vpns.length > 1 ? 'REDUNDANT' : vpns.length === 1 ? 'SINGLE' : 'DISABLED';
  }
}
