import type { Shell } from './shell.ts';

/** The whole terminal, redrawn in place, until it is disposed of: then all is as it was before. */
export interface Screen extends Disposable {
  readonly rows: number;
  /** Shows these lines, and nothing else. */
  draw(lines: readonly string[]): void;
}

/** Another page than the one with the history, no cursor, and long lines cut by the terminal, however wide it is by now. */
const open = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const close = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

/** `onResize` is told when the terminal has another size. */
export function openScreen({ out, atExit }: Shell, onResize: () => void): Screen {
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    out.off('resize', onResize);
    out.write(close);
  };
  atExit(end);
  out.on('resize', onResize);
  out.write(open);
  return {
    get rows() {
      return out.rows || 24;
    },
    draw(lines) {
      const shown = lines.slice(0, this.rows).map((line) => line + restOfLine);
      if (isOpen) out.write(`${home}${shown.join('\n')}${restOfScreen}`);
    },
    [Symbol.dispose]: end,
  };
}
