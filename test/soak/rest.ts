import { isDeepStrictEqual } from 'node:util';
import type { Shown, WorldEngine, WorldVpn } from '../oracles/sights.ts';

/** What is missing for the service to be at rest as it promises; empty when nothing is. */
export function unrest(
  shown: Shown | null,
  vpns: readonly WorldVpn[],
  containers: readonly WorldEngine[],
): string[] {
  if (!shown) return ['nothing is shown'];
  const listed = shown.engines.map(({ name, containerId }) => `${name} ${containerId}`).sort();
  const there = containers.map(({ name, containerId }) => `${name} ${containerId}`).sort();
  const runs = new Map(vpns.map(({ name, run }) => [name, run]));
  const running = shown.engines.filter(({ state }) => state === 'RUNNING').length;
  return [
    ...vpns.filter(({ health }) => health !== 'healthy').map(({ name, health }) => `${name} is ${health}`),
    ...shown.vpns.filter(({ state }) => state !== 'READY').map(({ name, state }) => `${name} is ${state}`),
    ...(shown.emergency.length > 0 ? ['an emergency goes on'] : []),
    ...(shown.pending > 0 ? [`${shown.pending} engines are pending`] : []),
    ...(running < shown.desired ? [`${running} engines run of ${shown.desired}`] : []),
    ...shown.engines
      .filter(({ state, health }) => state !== 'RUNNING' || health !== 'HEALTHY')
      .map(({ name, state, health }) => `${name} is ${state} and ${health}`),
    ...shown.vpns
      .filter(({ name, running, forwardedPort }) => {
        const forwarded = shown.engines.some((engine) => engine.vpn === name && engine.forwarded);
        return running > 0 && (forwardedPort === null || !forwarded);
      })
      .map(({ name }) => `no engine has the forwarded port of ${name}`),
    ...containers
      .filter((engine) => !engine.running || engine.condition !== 'well')
      .map(
        ({ name, running, condition }) =>
          `the container of ${name} ${running ? `is ${condition}` : 'does not run'}`,
      ),
    ...containers
      .filter(({ vpn, run }) => run !== null && run !== runs.get(vpn ?? ''))
      .map(({ name }) => `${name} is in a dead network`),
    ...(isDeepStrictEqual(listed, there)
      ? []
      : [`listed are [${listed.join(', ')}], and there are [${there.join(', ')}]`]),
  ];
}
