/** Every cell once on each runtime; `npm run chaos` has each many times. */

import { afterAll, beforeAll, describe, test } from 'bun:test';
import { targets } from '../runtimes/target.ts';
import { cells } from './cells.ts';
import { type CellRun, runCells } from './run-cells.ts';

/** The cells run beside each other, so that any of them may wait for all. */
const timeoutMs = 180_000;

for (const target of Object.values(targets)) {
  describe(`chaos on ${target.name}`, () => {
    let run: CellRun | undefined;
    beforeAll(() => {
      run = runCells(target, cells);
    });
    afterAll(() => run?.over);
    for (const { id } of cells) test(id, () => run?.verdicts.get(id), timeoutMs);
  });
}
