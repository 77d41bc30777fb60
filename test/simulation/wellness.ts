import { Engines, Status } from '../api/operations.ts';
import { isWell, keeping, on } from '../support/keeping.ts';
import type { LeapingWorld } from '../support/leaping.ts';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Five engines on each VPN, in the API and in Docker, and nothing else anywhere; undefined while it is not so. */
export async function allIsWell({ tandem, vpns, engineContainers }: LeapingWorld) {
  const containers = engineContainers();
  if (containers.length !== 10 || containers.some(({ state }) => state !== 'running')) return undefined;
  const { engines } = await tandem.ask(Engines, {
    filter: { states: ['PROVISIONING', 'RUNNING', 'STOPPING'] },
  });
  const { vpnStatus } = await tandem.ask(Status);
  const seen = [
    engines.map(({ name, state }) => `${name} ${state}`).sort(),
    vpnStatus.vpns.map(({ state, engineCount }) => `${state} ${engineCount}`),
  ];
  const wanted = [containers.map(({ name }) => `${name} RUNNING`).sort(), vpns.map(() => 'READY 5')];
  return same(seen, wanted) ? engines : undefined;
}

/** Nothing speaks against any of them: every engine is well and connected, and on each VPN one has the forwarded port. */
export async function allAreContent({ tandem, docker }: LeapingWorld): Promise<boolean> {
  const { engines, vpnStatus } = await keeping(tandem);
  return (
    engines.every((engine) => isWell(engine) && engine.connected === true) &&
    vpnStatus.vpns.every(({ name, forwardedPort, suspectedSince, tunnelStatus }) => {
      const owners = on(name, engines).filter(({ forwarded }) => forwarded);
      const { ports } = docker.vpn(name).control;
      return (
        suspectedSince === null &&
        tunnelStatus === 'running' &&
        same([forwardedPort], ports) &&
        same(
          owners.map(({ p2pPort }) => p2pPort),
          ports,
        )
      );
    })
  );
}
