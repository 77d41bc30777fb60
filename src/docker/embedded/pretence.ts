import type { Vpn } from '../../domain/vpn.ts';
import type { Faults } from './faults.ts';
import type { VpnHandle } from './handles.ts';

/** Brings about what a look at a VPN finds from now on. */
export type Pretend = (vpn: string, health: Vpn['health']) => Promise<void>;

/** HEALTHY runs and is well, UNHEALTHY has no tunnel, and of one that is UNKNOWN the daemon says nothing. */
export function pretenceOf(vpnNamed: (name: string) => VpnHandle, faults: Faults): Pretend {
  const hidden = new Map<string, Disposable>();
  return async (name, health) => {
    hidden.get(name)?.[Symbol.dispose]();
    hidden.delete(name);
    const vpn = vpnNamed(name);
    switch (health) {
      case 'HEALTHY':
        // Well before it runs, or its first probe would find it ill.
        vpn.heal();
        return void (await (vpn.state === 'paused' ? vpn.unpause() : vpn.start()));
      case 'UNHEALTHY':
        return vpn.fail();
      case 'UNKNOWN': {
        const path = new RegExp(`^/containers/${name}/json$`);
        const fault = { kind: 'answer', when: 'before', status: 500, message: 'told not to answer' } as const;
        hidden.set(name, faults.next({ method: 'GET', path, times: Number.POSITIVE_INFINITY, fault }));
      }
    }
  };
}
