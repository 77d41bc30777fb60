import { z } from 'zod';
import { until } from '../../test/support/docker/until.ts';
import type { Arrival } from '../harness/inbox.ts';
import type { RealVpn } from '../harness/real-vpn.ts';
import type { Finding, Row } from '../harness/report.ts';
import { median } from '../harness/stats.ts';
import { Subscription } from '../harness/subscription.ts';
import { Tandem } from '../harness/tandem.ts';
import { isTrial, tries } from '../harness/tries.ts';
import { type RealWorld, realWorld } from '../harness/world.ts';

/** The default, for real: so many services at once, each with VPNs of its own, for one try takes two minutes. */
const whole = { periodS: 120, services: tries(3), count: 1 };
const short = { periodS: 2, services: 1, count: tries(50) };
/** Seconds after the period by which the first engine is to be placed. */
const latestS = 0.5;

/** How long after a VPN's recovery the first engine is placed on it without being asked for. */
export async function stabilization(): Promise<Finding> {
  const defaults = isTrial ? [] : await rounds(whole);
  const shorts = await rounds(short);
  const some = [
    { periodS: whole.periodS, seen: defaults },
    { periodS: short.periodS, seen: shorts },
  ].filter(({ seen }) => seen.length > 0);
  return {
    rows: some.flatMap(({ periodS, seen }) => [
      row(
        periodS,
        "by the events' own times",
        seen.map(({ told }) => told),
      ),
      row(
        periodS,
        "on the subscriber's clock",
        seen.map(({ heard }) => heard),
      ),
    ]),
    notes: some.map(
      ({ periodS, seen }) =>
        `stabilization, ${periodS} s: ${seen.length} ${seen.length === 1 ? 'try' : 'tries'}; a VPN is killed and started again, and one of two engines that are kept goes with it. ` +
        `From STABILIZING to ENGINE_ASSIGNED, beyond the period: by the events' own times median ${milliseconds(
          median(seen.map(({ told }) => told)),
        )}, at the socket ${milliseconds(median(seen.map(({ heard }) => heard)))}. ` +
        `After the stabilizingUntil that was announced: ${milliseconds(Math.min(...seen.map(({ announced }) => announced)))} to ${milliseconds(Math.max(...seen.map(({ announced }) => announced)))}.`,
    ),
  };
}

/** Seconds from recovery to placement, less the period: as Tandem dates them, and as a subscriber hears of them; and from the end of it as it was announced. */
interface Beyond {
  readonly told: number;
  readonly heard: number;
  readonly announced: number;
}

interface Plan {
  readonly periodS: number;
  readonly services: number;
  readonly count: number;
}

async function rounds({ periodS, services, count }: Plan): Promise<Beyond[]> {
  const each = Array.from({ length: services }, async () => {
    await using world = await realWorld(4, { published: false });
    return await oneService(world, periodS, count);
  });
  // All come to an end, and clean up, even if one fails.
  const ended = await Promise.allSettled(each);
  return ended.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function oneService(world: RealWorld, periodS: number, count: number): Promise<Beyond[]> {
  const env = { VPN_STABILIZATION_S: String(periodS), MIN_REPLICAS: '2' };
  await using tandem = await Tandem.start(world, { env });
  await using events = await Subscription.open(tandem.address, subscription, eventShape);
  const seen: Beyond[] = [];
  for (let turn = 0; turn < count; turn++) {
    const vpn = world.vpns[turn % 2 === 0 ? 0 : 1];
    await settled(tandem);
    events.inbox.empty();
    await vpn.kill();
    await heard(events, vpn, 'FAILED');
    await vpn.start();
    const recovered = await heard(events, vpn, 'STABILIZING');
    const placed = await heard(events, vpn, 'ASSIGNED', periodS * 1_000 + 20_000);
    const until = untilOf(recovered.value);
    seen.push({
      announced: (placed.value.events.at - until) / 1_000,
      told: (placed.value.events.at - recovered.value.events.at) / 1_000 - periodS,
      heard: (placed.at - recovered.at) / 1_000 - periodS,
    });
  }
  return seen;
}

/** Waits until each VPN is READY and has its one engine. */
async function settled(tandem: Tandem): Promise<void> {
  await until(
    'each VPN has its engine',
    async () => {
      const query = '{ vpnStatus { vpns { state engineCount } } }';
      const { data } = await tandem.ask(statusShape, query);
      return data.vpnStatus.vpns.every(({ state, engineCount }) => state === 'READY' && engineCount === 1);
    },
    30_000,
  );
}

function heard(
  { inbox }: Subscription<Told>,
  { name }: RealVpn,
  what: 'FAILED' | 'STABILIZING' | 'ASSIGNED',
  patienceMs?: number,
): Promise<Arrival<Told>> {
  return inbox.first(
    `${what} on ${name}`,
    ({ events }) =>
      events.__typename === 'EngineAssigned'
        ? what === 'ASSIGNED' && events.on.name === name
        : events.vpn.name === name && events.vpn.state === what,
    patienceMs,
  );
}

function row(periodS: number, how: string, beyond: readonly number[]): Row {
  const [least, most] = [Math.min(...beyond), Math.max(...beyond)];
  return {
    part: 'stabilization',
    what: `First automatic placement on a recovered VPN, period of ${periodS} s, ${beyond.length} tries, ${how}: from, to`,
    measured: `${(periodS + least).toFixed(3)} s to ${(periodS + most).toFixed(3)} s`,
    target: `${periodS.toFixed(1)} s to ${(periodS + latestS).toFixed(1)} s`,
    reached: least >= 0 && most <= latestS,
  };
}

function untilOf({ events }: Told): number {
  if (events.__typename === 'VpnChanged' && events.vpn.stabilizingUntil !== null)
    return events.vpn.stabilizingUntil;
  throw new Error('a VPN that stabilizes does not say until when');
}

const milliseconds = (seconds: number): string => `${(seconds * 1_000).toFixed(1)} ms`;

const subscription = `subscription { events(types: [VPN_CHANGED, ENGINE_ASSIGNED]) {
  __typename at
  ... on VpnChanged { vpn { name state stabilizingUntil } }
  ... on EngineAssigned { on: vpn { name } }
} }`;

const at = z.iso.datetime().transform((text) => Date.parse(text));
const eventShape = z.object({
  events: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('VpnChanged'),
      at,
      vpn: z.object({ name: z.string(), state: z.string(), stabilizingUntil: at.nullable() }),
    }),
    z.object({ __typename: z.literal('EngineAssigned'), at, on: z.object({ name: z.string() }) }),
  ]),
});
type Told = z.infer<typeof eventShape>;
const statusShape = z.object({
  data: z.object({
    vpnStatus: z.object({ vpns: z.array(z.object({ state: z.string(), engineCount: z.number() })) }),
  }),
});
