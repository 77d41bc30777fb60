import { allOrNothing } from '../async/all-or-nothing.ts';
import { Bell } from '../async/bell.ts';
import { ClientError } from '../client/error.ts';
import { type Event, idOf } from './events.ts';
import { type ExitCode, exit } from './exit.ts';
import type { StatusQuery } from './gql/graphql.ts';
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
    for (let fresh = true; !signal.aborted; ) {
      view.show({ told, elapsed: (clock.now() - toldAt) / 1_000, standing, fresh });
      fresh = await news.sleep(clock, view.beatMs, signal);
      if (!fresh || signal.aborted) continue;
      told = await askAnew(service, told, signal);
      toldAt = clock.now();
    }
  };
  const listen = () =>
    keepListening(service, told.vpnStatus.lastEventId, signal, (event) => {
      view.event(event);
      news.ring();
    });
  await allOrNothing([show, listen], ending);
  return exit.ok;
}

/** Nobody answers while the service starts anew: what was known last is shown until somebody does. */
async function askAnew(service: Service, known: StatusQuery, signal: AbortSignal): Promise<StatusQuery> {
  try {
    return await service.ask(Status, {});
  } catch (problem) {
    if (signal.aborted || (problem instanceof ClientError && problem.code === 'UNREACHABLE')) return known;
    throw problem;
  }
}

/** Every event after `after`. Where what was missed is no longer known, it goes on with what comes from now on. */
async function keepListening(
  service: Service,
  after: string,
  signal: AbortSignal,
  hear: (event: Event) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const told of service.follow(Events, { after }, idOf, signal)) hear(told.events);
    } catch (problem) {
      if (!(problem instanceof ClientError) || problem.code !== 'CURSOR_EXPIRED') throw problem;
      after = (await service.ask(LastEvent, {})).lastEventId;
    }
  }
}
