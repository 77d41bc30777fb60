import { systemClock } from '../../src/async/clock.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { EventLog } from '../../src/services/event-log.ts';
import { Fleet } from '../../src/services/fleet.ts';
import { type Finding, text } from '../harness/report.ts';
import { estimate, medianRatio, type Pair, quantile } from '../harness/stats.ts';

const vpns = ['first', 'second'];
const blocks = 40;
const perBlock = 1_000;
const targetMicros = 50;

/** Choosing and claiming a place, and giving it back, in process: with 1,000 engines listed, and with 10. */
export async function place(): Promise<Finding> {
  const many = fleetOf(1_000);
  const few = fleetOf(10);
  for (let round = 0; round < 5; round++) for (const fleet of [many, few]) await block(fleet);

  const ours: number[][] = [];
  const theirs: number[][] = [];
  for (let round = 0; round < blocks; round++) {
    ours.push(await block(many));
    theirs.push(await block(few));
  }
  const p99s = ours.map((micros) => quantile(micros, 0.99));
  const medians = ours.map(
    (micros, round): Pair => ({ ours: quantile(micros, 0.5), theirs: quantile(theirs[round] ?? [], 0.5) }),
  );
  const p99 = estimate([p99s], (drawn) => quantile(drawn, 0.5));
  const ratio = medianRatio(medians);
  const all = ours.flat();
  return {
    rows: [
      {
        part: 'place',
        what: 'Choosing, claiming and giving back a place, 1,000 engines listed, p99',
        measured: text(p99, 'µs', 1),
        target: `under ${targetMicros} µs`,
        reached: p99.value < targetMicros,
      },
      {
        part: 'place',
        what: 'The same with 1,000 engines against 10, ratio of medians',
        measured: text(ratio, '', 3),
        target: 'no slower (interval reaches 1)',
        reached: ratio.low <= 1,
      },
    ],
    notes: [
      `place: ${blocks} interleaved blocks of ${perBlock} for each size, after warming up. With 1,000 engines: ` +
        `p50 ${quantile(all, 0.5).toFixed(1)} µs, p99 of all ${quantile(all, 0.99).toFixed(1)} µs, p99.9 ${quantile(all, 0.999).toFixed(0)} µs. ` +
        `With 10: p50 ${quantile(theirs.flat(), 0.5).toFixed(1)} µs, p99 ${quantile(theirs.flat(), 0.99).toFixed(1)} µs. ` +
        'Each place is three events in the log, which are part of the time.',
    ],
  };
}

/** Microseconds of each place taken and given back. */
async function block(fleet: Fleet): Promise<number[]> {
  const micros: number[] = [];
  for (let turn = 0; turn < perBlock; turn++) {
    const begin = performance.now();
    {
      using _reservation = reserve(fleet);
    }
    micros.push((performance.now() - begin) * 1_000);
  }
  // What waits for events, if anything does, has its turn between blocks and not within one.
  await systemClock.sleep(1);
  return micros;
}

function reserve(fleet: Fleet) {
  const reserved = fleet.reserve([]);
  if (isRefusal(reserved)) throw new Error(reserved.message);
  return reserved;
}

/** Two READY VPNs and `count` running engines. */
function fleetOf(count: number): Fleet {
  let ids = 0;
  const range = (first: number) => Array.from({ length: 1_000 }, (_, offset) => first + offset);
  const fleet = new Fleet(
    {
      mode: 'REDUNDANT',
      simulated: false,
      vpns,
      ports: new Map(vpns.map((vpn, index) => [vpn, range(19_000 + index * 1_000)])),
      controlPort: 8_000,
      policy: {
        minReplicas: 0,
        maxReplicas: 10_000,
        stabilizationMs: 0,
        startGraceMs: 60_000,
        failureConfirmMs: 0,
        circuitFailureThreshold: 5,
        circuitRecoveryMs: 300_000,
      },
      engine: { image: 'engine', hostOf: () => 'localhost' },
    },
    systemClock,
    new EventLog('bench', 10_000),
    () => `engine-${ids++}`,
  );
  for (const vpn of vpns) {
    const incarnation = { containerId: vpn, startedAt: '2026-01-01T00:00:00Z' };
    fleet.observe(
      vpn,
      {
        kind: 'seen',
        at: systemClock.now(),
        incarnation,
        status: 'running',
        health: 'healthy',
        provider: null,
      },
      null,
    );
  }
  fleet.enter('SERVING');
  for (let made = 0; made < count; made++) {
    const { engine } = reserve(fleet);
    fleet.fill(engine, `container-${made}`, 'HEALTHY');
  }
  return fleet;
}
