import { type Event, eventLine } from './events.ts';
import type { StatusQuery } from './gql/graphql.ts';
import { tellOfLosses } from './losses.ts';
import { openScreen } from './screen.ts';
import { type GlobalOptions, paintFor, type Shell } from './shell.ts';
import { statusLines } from './status.ts';

/** What is known at one moment. */
export interface Known {
  readonly told: StatusQuery;
  /** Seconds since it was told. */
  readonly elapsed: number;
  /** Whether the connection stands. */
  readonly standing: boolean;
  /** Something may have changed since it was shown last, and not the time alone. */
  readonly fresh: boolean;
}

/** How what is watched is shown. */
export interface View extends Disposable {
  /** Milliseconds: so often it is shown even if nothing has changed. */
  readonly beatMs: number;
  show(known: Known): void;
  event(event: Event): void;
  /** Events were missed; the text says which. */
  gap(text: string): void;
}

/** A terminal is redrawn in place; a file or a pipe gets line after line. */
export function viewFor(shell: Shell, options: GlobalOptions): View {
  if (options.json) return asJson(shell);
  return shell.out.isTTY ? onScreen(shell, options) : asLines(shell, options);
}

/** One status a line, each time that something has changed. */
function asJson({ out }: Shell): View {
  return {
    beatMs: Number.POSITIVE_INFINITY,
    show: ({ told, fresh }) => fresh && out.write(`${JSON.stringify(told)}\n`),
    event: () => {},
    // A status is whole: it lacks nothing of what was missed.
    gap: () => {},
    [Symbol.dispose]: () => {},
  };
}

/** The status once, and then the events. */
function asLines(shell: Shell, options: GlobalOptions): View {
  const paint = paintFor(shell.out, shell.env, options);
  const tell = tellOfLosses(shell);
  let begun = false;
  return {
    beatMs: Number.POSITIVE_INFINITY,
    show({ told, elapsed, standing }) {
      if (!begun) shell.out.write(`${statusLines(told, elapsed, paint).join('\n')}\n\n`);
      begun = true;
      tell(standing);
    },
    event: (event) => shell.out.write(`${eventLine(event, paint)}\n`),
    gap: (text) => shell.err.write(`tandem: ${text}.\n`),
    [Symbol.dispose]: () => {},
  };
}

/** More would fit on no screen. */
const longestFeed = 200;

/** The status, and below it as many of the newest events as there is room for, the newest first. */
function onScreen(shell: Shell, options: GlobalOptions): View {
  const paint = paintFor(shell.out, shell.env, options);
  const screen = openScreen(shell);
  const feed: string[] = [];
  const add = (line: string) => {
    feed.unshift(line);
    feed.length = Math.min(feed.length, longestFeed);
  };
  return {
    // Time left and time gone are shown in seconds; and the terminal may have another size.
    beatMs: 1_000,
    show({ told, elapsed, standing }) {
      const connection = standing ? 'live' : paint('yellow', 'the connection is lost; trying again');
      const title = `${paint('bold', 'Tandem')}  ${connection}  ${paint('dim', 'Ctrl-C ends')}`;
      screen.draw([title, '', ...statusLines(told, elapsed, paint), '', ...feed]);
    },
    event: (event) => add(eventLine(event, paint)),
    gap: (text) => add(paint('yellow', text)),
    [Symbol.dispose]: () => screen[Symbol.dispose](),
  };
}
