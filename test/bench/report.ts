/** The rows as tables for a person. */

import { type Figure, isMet, type Row } from './figures.ts';
import { type TargetName, targetNames } from './targets.ts';

const headings: Readonly<Record<TargetName, string>> = {
  direct: 'direct',
  nginx: 'nginx',
  bare: 'bare Bun',
  binary: 'binary',
  bun: 'on Bun',
  deno: 'on Deno',
  node: 'on Node',
};

const shown = (value: number | undefined): string => {
  if (value === undefined) return '–';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
};

const verdict = (figure: Figure, columns: readonly TargetName[]): string => {
  const limited = columns.filter((name) => figure.floors?.[name] !== undefined);
  return limited
    .map((name) => {
      const met = isMet(figure, name);
      const word = met === undefined ? 'not measured' : met ? 'met' : 'MISSED';
      return `${headings[name]} ≤ ${figure.floors?.[name]}: ${word}`;
    })
    .join(', ');
};

const table = (lines: readonly (readonly string[])[]): string => {
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          const isNumber = column > 1 && column < widths.length - 1;
          return isNumber ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** One table with a column per target that has a figure. */
export const reportRow = ({ title, figures }: Row): string => {
  const columns = targetNames.filter((name) => figures.some(({ values }) => values[name] !== undefined));
  const head = ['', '', ...columns.map((name) => headings[name]), 'floor'];
  const lines = figures.map((figure) => [
    figure.name,
    figure.unit,
    ...columns.map((name) => shown(figure.values[name])),
    verdict(figure, columns),
  ]);
  return `${title}\n${table([head, ...lines])}\n`;
};

/** How many floors there are, and how many are met. */
export const reportFloors = (rows: readonly Row[]): string => {
  const verdicts = rows.flatMap(({ figures }) =>
    figures.flatMap((figure) =>
      targetNames.flatMap((name) => (figure.floors?.[name] === undefined ? [] : [isMet(figure, name)])),
    ),
  );
  const count = (wanted: boolean | undefined): number => verdicts.filter((met) => met === wanted).length;
  return `${count(true)} floors met, ${count(false)} missed, ${count(undefined)} not measured`;
};
