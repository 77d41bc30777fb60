import type { Shell } from './shell.ts';

/** The whole terminal, redrawn in place, until it is disposed of: then all is as it was before. */
export interface Screen extends Disposable {
  /** Shows as many of these lines as there is room for by now, and nothing else. */
  draw(lines: readonly string[]): void;
}

/** Another page than the one with the history, no cursor, and long lines cut by the terminal, however wide it is by now. */
const open = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const close = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

export function openScreen({ out, atExit }: Shell): Screen {
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    out.write(close);
  };
  atExit(end);
  out.write(open);
  return {
    draw(lines) {
      const shown = lines.slice(0, out.rows || 24).map((line) => line + restOfLine);
      if (isOpen) out.write(`${home}${shown.join('\n')}${restOfScreen}`);
    },
    [Symbol.dispose]: end,
  };
}
