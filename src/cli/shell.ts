import { styleText } from 'node:util';
import type { Clock } from '../async/clock.ts';
import type { Environment } from '../config/mistakes.ts';

/** What a command has of the process that it runs in. */
export interface Shell {
  /** The environment, and below it what .env says. */
  readonly env: Environment;
  readonly out: Output;
  readonly err: Output;
  readonly clock: Clock;
  /** Aborts when it is asked to end. */
  readonly signal: AbortSignal;
  /** Has something undone even where the process ends by a mistake. */
  readonly atExit: (undo: () => void) => void;
}

export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'rows'>;

/** What every command can be told. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Colours a text, where colours are seen and wanted. */
export type Paint = (style: Style | readonly Style[], text: string) => string;

/** FORCE_COLOR colours a file or a pipe too; NO_COLOR and --no-color come first. */
export function paintFor(out: Output, env: Environment, { color }: Pick<GlobalOptions, 'color'>): Paint {
  const seen = (out.isTTY && env.TERM !== 'dumb') || Boolean(env.FORCE_COLOR);
  if (!seen || !color || env.NO_COLOR) return (_style, text) => text;
  return (style, text) => styleText(typeof style === 'string' ? style : [...style], text, anywhere);
}

const anywhere = { validateStream: false };
