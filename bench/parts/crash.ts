import { delayRows, spread } from '../harness/delays.ts';
import type { Finding } from '../harness/report.ts';
import { tries } from '../harness/tries.ts';
import { Watched } from '../harness/watched.ts';
import { realWorld } from '../harness/world.ts';

const count = tries(100);
const promised = { p99: 80 };
/** The host's ports that each VPN publishes: Docker gives them back before it tells of the death. */
const published = 8;

/** From the death of a VPN's first process to a subscriber's socket, Docker's own share included. */
export async function crash(): Promise<Finding> {
  await using world = await realWorld(published);
  await using watched = await Watched.start(world);
  const whole: number[] = [];
  const dockers: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const vpn = world.vpns[turn % 2 === 0 ? 0 : 1];
    const strike = await vpn.assassin();
    watched.begin();
    const begin = performance.now();
    strike();
    const [down, entered] = await Promise.all([watched.down(vpn, 'die'), watched.entered(vpn)]);
    whole.push(entered.at - begin);
    dockers.push(down.at - begin);
    await vpn.start();
    await watched.recovered();
  }
  return {
    rows: delayRows('crash', "A VPN's process is killed to ENTERED at a subscriber", whole, promised),
    notes: [
      `crash: ${count} tries on the two VPNs in turn, which publish ${published} ports each: ${spread(whole)}. ` +
        `Of that until Docker's die event: ${spread(dockers)}.`,
    ],
  };
}
