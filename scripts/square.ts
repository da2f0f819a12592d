/** Prints the square: every client's dialect before every server's, and what of it works. Fails where a cell does. */

import { type Cell, cells } from '../test/square/square.ts';

interface Tried {
  readonly cell: Cell;
  readonly mark: 'yes' | 'gap' | 'NO';
  readonly why: string;
}

const tryCell = async (cell: Cell): Promise<Tried> => {
  try {
    await cell.run();
    return cell.gap === undefined
      ? { cell, mark: 'yes', why: '' }
      : { cell, mark: 'NO', why: 'a known gap that is none any more' };
  } catch (error) {
    if (cell.gap !== undefined) return { cell, mark: 'gap', why: cell.gap };
    return { cell, mark: 'NO', why: error instanceof Error ? error.message : String(error) };
  }
};

const tried: Tried[] = [];
for (const cell of cells) tried.push(await tryCell(cell));

const columns = [...new Set(cells.map(({ column }) => column))];
const rows = [...new Set(cells.map(({ front, wire }) => `${front} → ${wire}`))];
const width = Math.max(...rows.map(({ length }) => length));
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

say([' '.repeat(width), ...columns].join(' | '));
say(['-'.repeat(width), ...columns.map(({ length }) => '-'.repeat(length))].join('-|-'));
for (const row of rows) {
  const marks = columns.map((column) => {
    const found = tried.find(({ cell }) => `${cell.front} → ${cell.wire}` === row && cell.column === column);
    return (found?.mark ?? '').padEnd(column.length);
  });
  say([row.padEnd(width), ...marks].join(' | '));
}
for (const mark of ['gap', 'NO'] as const) {
  for (const { cell, why } of tried.filter((one) => one.mark === mark)) {
    say(`${mark}: ${cell.front} → ${cell.wire}, ${cell.column}: ${why}`);
  }
}
const failed = tried.filter(({ mark }) => mark === 'NO').length;
say(`${tried.length} cells, ${failed} of them fail`);
process.exitCode = failed === 0 ? 0 : 1;
