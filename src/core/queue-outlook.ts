/** How long a newcomer to the queue will wait, from what is before it and from what the hosts were measured to do. Pure. */

import type { Competes } from './deficit-rounds.ts';
import type { QueueWork } from './queue-work.ts';

/** A request in line, or about to be. */
export interface InLine {
  readonly group: string;
  /** In tokens, as the queue counts. */
  readonly cost: number;
  readonly work: QueueWork;
}

/** What `admit` goes by, in milliseconds of a slot. */
export interface Outlook {
  readonly costAhead: number;
  readonly costPerSecond: number;
}

/** Sums of times differ in their last digits. */
const nearly = 1.001;

/**
 * The slots that work off what waits: those of the newcomer's own hosts, which others may have more of, and those of
 * all hosts somebody in this line waits for. What waits only for its own hosts must go through those; what waits for any
 * goes through all of them; the longer of both is the wait. `costAhead` says how much of some groups is served before it.
 */
export const outlookOf = (
  newcomer: InLine,
  others: readonly InLine[],
  costAhead: (isIn: Competes) => number,
): Outlook => {
  const { work } = newcomer;
  const slotsOf = new Map<string, number>();
  for (const { group, work: theirs } of others) slotsOf.set(group, theirs.slots);
  // Those that run are half done on average.
  const runningMs = (work.busy * work.workMs) / 2;
  let worst: Outlook = { costAhead: runningMs, costPerSecond: work.slots * 1000 };
  for (const slots of new Set([work.slots, Math.max(work.slots, ...slotsOf.values())])) {
    const isIn: Competes = (group) => (slotsOf.get(group) ?? Infinity) <= slots * nearly;
    let { cost } = newcomer;
    let { workMs } = work;
    for (const other of others) {
      if (!isIn(other.group)) continue;
      cost += other.cost;
      workMs += other.work.workMs;
    }
    const aheadMs = (costAhead(isIn) * workMs) / Math.max(1, cost) + runningMs;
    if (aheadMs * worst.costPerSecond > worst.costAhead * slots * 1000)
      worst = { costAhead: aheadMs, costPerSecond: slots * 1000 };
  }
  return worst;
};
