/** Runs the cells of one process beside each other, and gives each its verdict. */

import { knownGaps } from '../known-gaps.ts';
import { proveGap } from '../runtimes/case-group.ts';
import type { Target } from '../runtimes/target.ts';
import type { Cell } from './cell.ts';
import { type ChaosBench, openChaosBench } from './chaos-bench.ts';

/** More would only wait for the processor. */
const atOnce = 4;

/** Of those that mostly wait for a timer. */
const waitingAtOnce = 20;

/** Longer than nearly any cell may take. */
const cellTimeoutMs = 30_000;

export interface CellRun {
  /** Settles for each cell as it ends; rejects with what does not hold. */
  readonly verdicts: ReadonlyMap<string, Promise<void>>;
  /** Settles when all have ended and nothing runs any more. */
  readonly over: Promise<void>;
}

interface Pending {
  readonly cell: Cell;
  readonly settle: (verdict: Promise<void>) => void;
}

const inTime = (proof: Promise<void>, limitMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took longer than ${limitMs} ms`)), limitMs);
    proof.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Cells of one lane after each other, those that wait for timers first, all of them at once. */
const queuesOf = (
  pending: readonly Pending[],
): { readonly waiting: Pending[]; readonly lanes: Pending[][] } => {
  const waiting: Pending[] = [];
  const lanes = new Map<string, Pending[]>();
  for (const each of pending) {
    const { lane, waits, id } = each.cell;
    if (waits && lane === undefined) waiting.push(each);
    else lanes.set(lane ?? id, [...(lanes.get(lane ?? id) ?? []), each]);
  }
  return { waiting, lanes: [...lanes.values()].sort((left, right) => right.length - left.length) };
};

/** What cannot hold on a runtime must not hold there. */
const proofOf = (cell: Cell, target: Target, bench: ChaosBench): Promise<void> => {
  const prove = (): Promise<void> => inTime(cell.prove(bench.sceneOf(cell)), cell.limitMs ?? cellTimeoutMs);
  const gap = knownGaps.find((known) => known.target === target.name && known.case === cell.id);
  return gap === undefined ? prove() : proveGap(prove, gap.reason);
};

const runAll = async (target: Target, bench: ChaosBench, pending: readonly Pending[]): Promise<void> => {
  const run = async ({ cell, settle }: Pending): Promise<void> => {
    const verdict = proofOf(cell, target, bench);
    settle(verdict);
    await verdict.catch(() => undefined);
  };
  const { waiting, lanes } = queuesOf(pending);
  const work = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const each of lane) await run(each);
    }
  };
  const wait = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) await run(each);
  };
  await Promise.all([
    ...Array.from({ length: waitingAtOnce }, wait),
    ...Array.from({ length: atOnce }, work),
  ]);
};

/** Starts one Pointsman for them and begins at once. */
export const runCells = (target: Target, cells: readonly Cell[]): CellRun => {
  const pending: Pending[] = [];
  const verdicts = new Map<string, Promise<void>>();
  const failures: ((reason: unknown) => void)[] = [];
  for (const cell of cells) {
    const verdict = new Promise<void>((resolve, reject) => {
      pending.push({ cell, settle: (proof) => void proof.then(resolve, reject) });
      failures.push(reject);
    });
    verdict.catch(() => undefined);
    verdicts.set(cell.id, verdict);
  }
  const over = openChaosBench(target, cells).then(
    async (bench) => {
      await runAll(target, bench, pending).finally(bench.close);
    },
    (error: unknown) => {
      for (const fail of failures) fail(error);
    },
  );
  return { verdicts, over };
};
