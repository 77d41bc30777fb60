import { nothingTold, type PublicAddress, type TunnelStatus } from '../../src/domain/control.ts';
import type { VpnSite } from '../../src/domain/snapshot.ts';
import type { Evidence, Vpn, VpnState } from '../../src/domain/vpn.ts';
import { anEngine, aPolicy, aSite, aVpn, now, ready } from './build.ts';

/** What speaks against a VPN, and what its control server tells. */

export const policy = aPolicy();
export type Word = boolean | null;

export const cutOff = 'none of its engines is connected, though those of another VPN are';
export const itsServerSays = (tunnel: TunnelStatus): string =>
  `its control server says that the VPN is ${tunnel}`;
export const byControl = (tunnel: TunnelStatus = 'stopped', since = now): Evidence => ({
  by: 'control',
  since,
  reason: itsServerSays(tunnel),
});
export const byEngines: Evidence = { by: 'engines', since: now, reason: cutOff };

export const telling = (
  tunnel: TunnelStatus | null,
  changes: Partial<Vpn> = {},
  state: VpnState = ready,
): Vpn => aVpn('red', state, { control: { ...nothingTold(now), heard: true, tunnel }, ...changes });

export const among = (vpn: Vpn, words: readonly Word[], first: number): VpnSite =>
  aSite(vpn, {
    running: words.map((connected, nth) =>
      anEngine(first + nth, vpn.name, { connected, wasConnected: true }),
    ),
  });

export const published: PublicAddress = { ip: '203.0.113.7', country: null, region: null, city: null };
export const known = {
  ...nothingTold(now),
  heard: true,
  tunnel: 'running',
  publicAddress: published,
  forwardedPort: { number: 51_000, since: now },
} as const;
