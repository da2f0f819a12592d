/** Every cell that is proved. */

import { aloneCells } from './alone-cells.ts';
import { answerPlays } from './answer-plays.ts';
import { backPressureCells } from './back-pressure-cells.ts';
import type { Cell } from './cell.ts';
import { clockCells } from './clock-cells.ts';
import { connectionPlays } from './connection-plays.ts';
import { departureCells } from './departure-cells.ts';
import { flowCells } from './flow-cells.ts';
import { herdCells } from './herd-cells.ts';
import { nameCells } from './name-cells.ts';
import { outageCells } from './outage-cells.ts';
import { cellsOf } from './play.ts';
import { standingCells } from './standing-cells.ts';

/** In no particular order; each runs by itself. */
export const cells: readonly Cell[] = [
  ...cellsOf(connectionPlays),
  ...cellsOf(answerPlays),
  ...standingCells,
  ...departureCells,
  ...flowCells,
  ...backPressureCells,
  ...outageCells,
  ...clockCells,
  ...nameCells,
  ...herdCells,
  ...aloneCells,
];
