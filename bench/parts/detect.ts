import { delayRows, spread } from '../harness/delays.ts';
import type { RealVpn } from '../harness/real-vpn.ts';
import type { Finding } from '../harness/report.ts';
import { tries } from '../harness/tries.ts';
import { Watched } from '../harness/watched.ts';
import { type RealWorld, realWorld } from '../harness/world.ts';

const count = tries(100);
const promised = { median: 5, p99: 20 };
/** The host's ports that each VPN publishes. */
const published = 8;

/** From Docker's own event to a subscriber's socket. */
export async function detect(): Promise<Finding> {
  const found = [await died(), await unhealthy()];
  return { rows: found.flatMap(({ rows }) => rows), notes: found.flatMap(({ notes }) => notes) };
}

async function died(): Promise<Finding> {
  await using world = await realWorld(published);
  const ms = await delays(
    world,
    'die',
    (vpn) => vpn.kill(),
    (vpn) => vpn.start(),
  );
  return finding('a VPN is killed by Docker', "Docker's die event", ms);
}

async function unhealthy(): Promise<Finding> {
  await using world = await realWorld(published, { quick: true });
  const ms = await delays(
    world,
    'health_status: unhealthy',
    (vpn) => vpn.fail(),
    (vpn) => vpn.heal(),
  );
  return finding('a VPN turns unhealthy', "Docker's health_status event", ms);
}

/** Milliseconds of each try. */
async function delays(
  world: RealWorld,
  action: 'die' | 'health_status: unhealthy',
  strike: (vpn: RealVpn) => Promise<void>,
  mend: (vpn: RealVpn) => Promise<void>,
): Promise<number[]> {
  await using watched = await Watched.start(world);
  const ms: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const vpn = world.vpns[turn % 2 === 0 ? 0 : 1];
    watched.begin();
    const [down, entered] = await Promise.all([watched.down(vpn, action), watched.entered(vpn), strike(vpn)]);
    ms.push(entered.at - down.at);
    await mend(vpn);
    await watched.recovered();
  }
  return ms;
}

function finding(how: string, from: string, ms: readonly number[]): Finding {
  const early = ms.filter((each) => each < 0).length;
  return {
    rows: delayRows('detect', `${from} to ENTERED at a subscriber`, ms, promised),
    notes: [
      `detect, ${how}: ${ms.length} tries on the two VPNs in turn: ${spread(ms)}.` +
        (early > 0
          ? ` In ${early} of them Tandem told before the event came: it looks at the kill event, too.`
          : ''),
    ],
  };
}
