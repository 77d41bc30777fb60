import stringWidth from 'string-width';

/** Lines of cells, each column as wide as its widest cell on a screen, colours and wide characters reckoned with. */
export function columns(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const cells of lines)
    for (const [index, cell] of cells.entries())
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell));
  const padded = (cell: string, index: number) =>
    cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(cell)));
  return lines.map((cells) => cells.map(padded).join('  ').trimEnd());
}
