/** The square itself: every front before every wire, in every column. */

import { squareGaps } from '../known-gaps.ts';
import { columns } from './columns.ts';
import { dialects } from './dialects.ts';

/** One cell, and how to try it. */
export interface Cell {
  readonly front: string;
  readonly wire: string;
  readonly column: string;
  /** Why it cannot be filled, where that is known. */
  readonly gap: string | undefined;
  /** Throws where the cell does not hold. */
  run(): Promise<void>;
}

const gapOf = (front: string, wire: string, column: string): string | undefined =>
  squareGaps.find(
    (gap) =>
      (gap.front === undefined || gap.front === front) &&
      (gap.wire === undefined || gap.wire === wire) &&
      gap.column === column,
  )?.reason;

/** In the order they are shown: by front, wire and column. */
export const cells: readonly Cell[] = dialects.flatMap(({ id: front, front: client }) =>
  dialects.flatMap(({ id: wire, wire: server }) =>
    server === undefined
      ? []
      : Object.entries(columns).map(([column, run]) => ({
          front,
          wire,
          column,
          gap: gapOf(front, wire, column),
          run: () => run(client, server),
        })),
  ),
);
