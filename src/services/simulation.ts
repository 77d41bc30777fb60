import type { Pretend } from '../docker/embedded/index.ts';
import { PlainError } from '../domain/plain-error.ts';
import { quote } from '../domain/refusal.ts';
import { type VpnView, vpnNamed, vpnsOf } from '../domain/snapshot.ts';
import type { Vpn } from '../domain/vpn.ts';
import type { Fleet } from './fleet.ts';
import { type UntilDeps, untilIt } from './until.ts';

export interface SimulationDeps extends UntilDeps {
  readonly fleet: Fleet;
  /** Looks at a VPN now and resolves when that look has counted. */
  readonly lookAgain: (vpn: string) => Promise<void>;
  /** Only the embedded engine can. */
  readonly pretend: Pretend | undefined;
}

/** Milliseconds that a caller waits for a look to find what it asked for. */
const seenMs = 10_000;

/** Makes VPNs well and ill on request. */
export class Simulation {
  readonly #deps: SimulationDeps;

  constructor(deps: SimulationDeps) {
    this.#deps = deps;
  }

  /**
   * Has every look at a VPN find this from now on, and answers when one has.
   * @throws {PlainError} BAD_USER_INPUT for a VPN that there is not; SERVICE_UNAVAILABLE where its container cannot be told,
   * or no look has found it.
   */
  async simulate(name: string, health: Vpn['health']): Promise<VpnView> {
    const { fleet, pretend, lookAgain } = this.#deps;
    if (!pretend) throw new Error('only the embedded engine simulates');
    if (!vpnNamed(fleet.snapshot(), name))
      throw new PlainError(
        'BAD_USER_INPUT',
        `No VPN is called ${quote(name)}; there ${areNamed(vpnsOf(fleet.snapshot()))}.`,
      );
    await pretend(name, health).catch((problem: Error) => {
      throw new PlainError('SERVICE_UNAVAILABLE', `${name} cannot be told: ${problem.message}.`);
    });
    await lookAgain(name);
    const view = await untilIt(
      () => vpnNamed(fleet.snapshot(), name),
      (found) => found?.site.vpn.health === health,
      seenMs,
      this.#deps,
    );
    if (view?.site.vpn.health !== health)
      throw new PlainError(
        'SERVICE_UNAVAILABLE',
        `${name} was told to be ${health}, but no look at it has found it so within ${seenMs / 1_000} s. Somebody else may have told it otherwise.`,
      );
    return view;
  }
}

const areNamed = (vpns: readonly VpnView[]): string => {
  const names = vpns.map(({ site }) => site.vpn.name);
  return names.length === 1 ? `is ${names[0]}` : `are ${names.join(', ')}`;
};
