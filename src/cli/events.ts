import { type ExitCode, exit } from './exit.ts';
import type { EventPageQueryVariables, ToldEventFragment } from './gql/graphql.ts';
import { EventPage, Events } from './operations.ts';
import type { Service } from './service.ts';
import { type GlobalOptions, type Paint, paintFor, type Shell } from './shell.ts';

export type Event = ToldEventFragment;

export interface EventsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly after?: string;
  readonly last?: number;
  readonly type?: EventPageQueryVariables['types'];
}

/** The most that the service gives in one page. */
const longestPage = 500;
const usualLast = 20;

/** `tandem events`: what happened, and with --follow what happens, one event a line. */
export async function events(shell: Shell, service: Service, options: EventsOptions): Promise<ExitCode> {
  const { follow = false, after, last, type: types } = options;
  const paint = paintFor(shell.out, shell.env, options);
  const print = (event: Event) =>
    shell.out.write(`${options.json ? JSON.stringify(event) : eventLine(event, paint)}\n`);

  let seen = after;
  for (let more = true; more; ) {
    const range =
      after === undefined || last !== undefined ? { last: last ?? usualLast } : { first: longestPage };
    const page = await service.ask(EventPage, { ...range, types, after: seen });
    const { nodes, pageInfo } = page.events;
    for (const event of nodes) print(event);
    // The id of the newest event was read before the page was: what is not on the page comes after it.
    seen = nodes.at(-1)?.id ?? seen ?? page.lastEventId;
    more = 'first' in range && pageInfo.hasNextPage;
  }
  if (!follow) return exit.ok;
  for await (const told of service.follow(Events, { types, after: seen }, idOf)) print(told.events);
  return exit.ok;
}

export const idOf = (told: { readonly events: Event }): string => told.events.id;

/** When it happened, the id to go on `--after`, and what happened. */
export const eventLine = ({ at, id, type, message }: Event, paint: Paint): string =>
  `${paint('dim', `${at}  ${id}`)}  ${type === 'EMERGENCY_MODE_CHANGED' ? paint(['bold', 'red'], message) : message}`;
