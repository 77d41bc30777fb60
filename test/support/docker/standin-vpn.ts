import type Docker from 'dockerode';
import { changeState } from './standin-state.ts';

/** The loopback port behind which a VPN container's control server answers. */
export async function controlPortOf(container: Docker.Container): Promise<number> {
  const { NetworkSettings } = await container.inspect();
  const port = Number(NetworkSettings.Ports['8000/tcp']?.[0]?.HostPort);
  if (!(port > 0)) throw new Error('the control port is not published');
  return port;
}

export interface StandinVpn {
  fail(): Promise<void>;
  heal(): Promise<void>;
  /** Writes a state file of the stand-in: vpn, port, ip, auth, hang, http500, nonsense, pfshape. */
  set(file: string, value: string): Promise<void>;
  unset(file: string): Promise<void>;
}

/** The levers of a running stand-in of Gluetun. */
export function standinVpn(container: Docker.Container): StandinVpn {
  const change = async (method: 'PUT' | 'DELETE', file: string, body?: string) =>
    changeState(await controlPortOf(container), method, file, body);
  const set = (file: string, value: string) => change('PUT', file, value);
  const unset = (file: string) => change('DELETE', file);
  return {
    set,
    unset,
    fail: async () => {
      await set('failed', '1');
      await unset('healthy');
    },
    heal: async () => {
      await unset('failed');
      await set('healthy', '1');
    },
  };
}
