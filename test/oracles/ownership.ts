import type { Oracle } from './oracle.ts';
import type { Rules } from './sights.ts';

/** S8: nothing but containers of this instance is ever changed, the restart of a VPN excepted where it is asked for. */
export function ownership({ label: [key, value], vpns, mayRestartVpns }: Rules): Oracle {
  return (sight, broken) => {
    if (sight.kind !== 'called' || !sight.container) return;
    const { name, labels } = sight.container;
    if (sight.verb === 'restart' && mayRestartVpns && vpns.includes(name)) return;
    const own = labels[key] === value && labels['tandem.engine'] !== undefined;
    if (!own) broken('S8', `${sight.verb} of ${name}, which is not this instance's`);
    if (sight.verb === 'restart' || sight.verb === 'other') broken('S8', `${sight.verb} of ${name}`);
  };
}
