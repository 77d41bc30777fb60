import { observe } from '../../src/domain/observe.ts';
import type { Look, Vpn, VpnState } from '../../src/domain/vpn.ts';
import { aPolicy, aVpn, now, seconds } from './build.ts';

/** What a look makes of a VPN. */

export const policy = aPolicy();
export const patient = aPolicy({ failureConfirmMs: seconds(20) });
export const soon = now + seconds(10);

export const see = (vpn: Vpn, look: Look, rules = policy, inhabited = true): Vpn =>
  observe(vpn, look, rules, inhabited);

/** One look at a VPN in `state`, ten seconds after that state began. */
export const after = (state: VpnState, look: Look, changes: Partial<Vpn> = {}, rules = policy): Vpn =>
  see(aVpn('red', state, changes), look, rules);
