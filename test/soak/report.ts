import { median, quantile } from '../../bench/harness/stats.ts';
import type { Recovery } from './service.ts';
import type { Soaked } from './soak.ts';

/** Milliseconds in which 99 of a hundred starts after a kill are to be ready, where nothing keeps them from it. */
const promisedReadyMs = 1_500;

/** How far it is, on one line. */
export function progress({ minutes, rounds, tally, service, faults, witness }: Soaked): string {
  const last = witness.breaches.at(-1);
  return (
    `${minutes.toFixed(1)} min: ${rounds.count} rounds, ${tally.started} engines started, ${tally.episodes} episodes, ` +
    `${service.kills} kills, ${faults.total} faults, ${witness.breaches.length} violations` +
    (last ? `, the last one ${last.promise}: ${last.what}` : '')
  );
}

/** What came of it all. */
export function summary(soaked: Soaked): string {
  const { seed, minutes, rounds, tally, faults, service, fairness, watch, vpns, engines, witness } = soaked;
  const { asked, refused } = tally;
  const ways = new Map<string, number>();
  for (const vpn of vpns) for (const [way, count] of vpn.counts) ways.set(way, (ways.get(way) ?? 0) + count);
  return [
    `seed ${seed}, ${minutes.toFixed(1)} minutes`,
    `rounds: ${rounds.count}, ${rounds.faulty} of them with faults and ${rounds.deaf} ending without events; to rest ${times(rounds.restMs)}`,
    `provisions: ${asked.provisions} asked for, ${tally.assigned} placed with those that nobody asked for, ${tally.started} started`,
    `answered with errors: ${counts(refused)}`,
    `stops: ${asked.stops}; scalings: ${asked.scales}; engines adopted: ${tally.adopted}`,
    `emergency episodes: ${tally.episodes}, with ${tally.updates} changes in between`,
    `VPN failures: ${counts(ways)}; engines harmed: ${engines.count}`,
    `kills: ${service.kills}; polite endings: ${service.endings}`,
    `ready again after kill -9, Docker answering: ${times(killed(service.recoveries, false))}`,
    `of that until it listened: ${times(killed(service.recoveries, false, 'listening'))}`,
    `ready again after kill -9, Docker with faults: ${times(killed(service.recoveries, true))}`,
    `a VPN's failure from Docker's event to the subscriber: ${times(tally.toldMs)}`,
    `faults: ${counts(faults.counts)}`,
    `seen: ${tally.events} events, ${watch.polls.shown} answers (${watch.polls.late} more were overtaken by events)`,
    `fairness: ${[...fairness.spent].map(([word, ms]) => `${word} ${Math.round(ms / 1_000)} s`).join(', ')}`,
    `violations: ${witness.breaches.length === 0 ? 'none' : counts(byPromise(soaked))}`,
  ].join('\n');
}

/** Each promise that was broken, with what was seen before, and what the service wrote. */
export function breaches({ seed, witness, service }: Soaked): string {
  if (witness.breaches.length === 0) return '';
  const stories = witness.breaches.map(
    ({ promise, at, what, story }) =>
      `${promise} at ${new Date(at).toISOString()}: ${what}\n${story.map((line) => `    ${line}`).join('\n')}`,
  );
  return [...stories, `--seed ${seed} begins with the same. The service wrote last:`, service.said].join(
    '\n\n',
  );
}

/** Whether all is as promised. */
export function isGood({ witness, service }: Soaked): boolean {
  const ready = killed(service.recoveries, false);
  return witness.breaches.length === 0 && (ready.length < 100 || quantile(ready, 0.99) <= promisedReadyMs);
}

const killed = (recoveries: readonly Recovery[], troubled: boolean, what: 'listening' | 'ready' = 'ready') =>
  recoveries
    .filter((each) => each.after === 'kill -9' && each.troubled === troubled)
    .map((each) => each[what]);

function byPromise({ witness }: Soaked): Map<string, number> {
  const found = Map.groupBy(witness.breaches, ({ promise }) => promise);
  return new Map([...found].map(([promise, list]) => [promise, list.length]));
}

const counts = (counted: ReadonlyMap<string, number>): string =>
  [...counted].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';

function times(ms: readonly number[]): string {
  if (ms.length === 0) return 'never';
  const [middle, most, longest] = [median(ms), quantile(ms, 0.99), Math.max(...ms)].map(Math.round);
  return `median ${middle} ms, p99 ${most} ms, longest ${longest} ms (${ms.length} times)`;
}
