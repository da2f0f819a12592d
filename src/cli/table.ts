/** Plain columns for people; scripts use `--json`. */

/** Aligns rows under their titles, two spaces apart; the last column runs free. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === titles.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
};
