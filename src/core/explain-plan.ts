/** Why a plan has its order: the parts of every score, worked out only for those who ask. Pure. */

import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { type Estimate, expectedFinish } from './estimate.ts';
import { tiersFor } from './losses.ts';
import type { Plan } from './plan.ts';
import type { Scored } from './policy.ts';

/** One eligible candidate with all that placed it. */
export interface Explained {
  readonly candidate: Candidate;
  /** As in the plan. */
  readonly score: number;
  /** By scorer, each in 0..1. */
  readonly scores: Readonly<Record<string, number>>;
  /** By tier; lower goes first. */
  readonly tiers: Readonly<Record<string, number>>;
  readonly estimate: Estimate;
}

export interface Explanation {
  readonly attempts: readonly Explained[];
  readonly full: readonly Explained[];
}

/** The scores, tiers and estimates behind a plan; the arguments are those the plan was made from. */
export const explainPlan = (ask: Ask, snapshot: Snapshot, { attempts, full, policy }: Plan): Explanation => {
  const explained = (list: readonly Scored[]): readonly Explained[] => {
    const candidates = list.map(({ candidate }) => candidate);
    const columns = policy.scorers.map(
      ({ name, score }) => [name, score(ask, candidates, snapshot)] as const,
    );
    return list.map(({ candidate, score }, index) => ({
      candidate,
      score,
      scores: Object.fromEntries(columns.map(([name, scores]) => [name, scores[index] ?? 0])),
      tiers: Object.fromEntries(
        tiersFor(ask, policy.tiers).map(({ name, rank }) => [name, rank(ask, candidate)]),
      ),
      estimate: expectedFinish(ask, candidate, snapshot.now),
    }));
  };
  return { attempts: explained(attempts), full: explained(full) };
};
