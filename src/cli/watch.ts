import { allOrNothing } from '../async/all-or-nothing.ts';
import { Bell } from '../async/bell.ts';
import type { Clock } from '../async/clock.ts';
import type { Typed } from '../client/client.ts';
import { ClientError } from '../client/error.ts';
import { type Event, idOf } from './events.ts';
import { Complaint, type ExitCode, exit } from './exit.ts';
import { Events, LastEvent, Status } from './operations.ts';
import { connect, type Service } from './service.ts';
import type { GlobalOptions, Shell } from './shell.ts';
import { viewFor } from './views.ts';

/** `tandem watch`: the status and what happens, as it changes, until it is asked to end. */
export async function watch(shell: Shell, options: GlobalOptions): Promise<ExitCode> {
  const { clock } = shell;
  const news = new Bell();
  let standing = true;
  await using service = connect(shell, options, (now) => {
    standing = now;
    news.ring();
  });
  let told = await service.ask(Status, {});
  let toldAt = clock.now();

  const ending = new AbortController();
  const signal = AbortSignal.any([shell.signal, ending.signal]);
  using view = viewFor(shell, options);
  const show = async () => {
    // Whether something has rung since it was told.
    let owed = false;
    for (let fresh = true; !signal.aborted; ) {
      view.show({ told, elapsed: (clock.now() - toldAt) / 1_000, standing, fresh });
      const rang = await news.sleep(clock, owed ? retryMs : view.beatMs, signal);
      owed ||= rang;
      fresh = false;
      // While the connection is lost there is nobody to ask; it rings when it is back.
      if (!owed || !standing || signal.aborted) continue;
      const answer = await askIfHeard(service, Status, signal);
      if (answer === null) continue;
      told = answer;
      toldAt = clock.now();
      fresh = true;
      owed = false;
    }
  };
  const hear = (event: Event) => {
    view.event(event);
    news.ring();
  };
  const miss = (after: string) => {
    view.gap(`what happened since ${after} is no longer known`);
    news.ring();
  };
  const listen = () => keepListening(service, told.vpnStatus.lastEventId, clock, signal, hear, miss);
  await allOrNothing([show, listen], ending);
  return exit.ok;
}

/** Milliseconds until what has got no answer is asked anew. */
const retryMs = 1_000;

/** null where nobody answers, or not in time, as while the service starts anew. */
async function askIfHeard<R>(
  service: Service,
  document: Typed<R, Record<string, never>>,
  signal: AbortSignal,
): Promise<R | null> {
  try {
    return await service.ask(document, {});
  } catch (problem) {
    const isSilence =
      problem instanceof Complaint
        ? problem.code === exit.unavailable
        : problem instanceof ClientError && problem.code === 'UNREACHABLE';
    if (signal.aborted || isSilence) return null;
    throw problem;
  }
}

/** Every event after `after`. Where what was missed is no longer known, it says so and goes on with what comes from now on. */
async function keepListening(
  service: Service,
  after: string,
  clock: Clock,
  signal: AbortSignal,
  hear: (event: Event) => void,
  miss: (after: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const told of service.follow(Events, { after }, idOf, signal)) {
        hear(told.events);
        after = told.events.id;
      }
    } catch (problem) {
      if (!(problem instanceof ClientError) || problem.code !== 'CURSOR_EXPIRED') throw problem;
      miss(after);
      after = (await newestEvent(service, clock, signal)) ?? after;
    }
  }
}

/** The id of the newest event, as soon as somebody says which it is; null where it is asked to end before. */
async function newestEvent(service: Service, clock: Clock, signal: AbortSignal): Promise<string | null> {
  for (; !signal.aborted; await clock.sleep(retryMs, signal)) {
    const newest = await askIfHeard(service, LastEvent, signal);
    if (newest !== null) return newest.lastEventId;
  }
  return null;
}
