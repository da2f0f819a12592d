/** A process that plays hostile worlds for `prove-worlds.ts`: it is told where a block begins and says how it went. */

import process from 'node:process';
import { clusterPlan } from '../test/simulation/cluster-plan.ts';
import { runHostileCluster } from '../test/simulation/hostile-cluster.ts';
import { drawHostilePlan, type HostilePlan } from '../test/simulation/hostile-plan.ts';
import { type HostileResult, runHostile } from '../test/simulation/hostile-run.ts';

/** What is counted over worlds. */
export interface Counts {
  readonly requests: number;
  /** Of them, those in worlds where a host stays sound, where none may be lost before its first content. */
  readonly guarded: number;
  readonly attempts: number;
  readonly virtualMs: number;
}

export const noCounts: Counts = { requests: 0, guarded: 0, attempts: 0, virtualMs: 0 };

/** Both together. */
export const sumOf = (left: Counts, right: Counts): Counts => ({
  requests: left.requests + right.requests,
  guarded: left.guarded + right.guarded,
  attempts: left.attempts + right.attempts,
  virtualMs: left.virtualMs + right.virtualMs,
});

/** Worlds of one instance, or of several. */
export type WorldsKind = 'worlds' | 'cluster';

/** Worlds by their seeds, from the first up to but without the end. */
export interface Block {
  readonly kind: WorldsKind;
  readonly first: number;
  readonly end: number;
}

export interface PlayedBlock {
  readonly first: number;
  /** Its end, or the seed that broke an invariant. */
  readonly next: number;
  readonly counts: Counts;
  /** Of the world it stopped at. */
  readonly breaches: readonly string[];
}

const playOne: Readonly<Record<WorldsKind, (plan: HostilePlan) => Promise<HostileResult>>> = {
  worlds: (plan) => runHostile(plan),
  cluster: (plan) => runHostileCluster(clusterPlan(plan)),
};

const play = async ({ kind, first, end }: Block): Promise<PlayedBlock> => {
  let counts = noCounts;
  for (let seed = first; seed < end; seed += 1) {
    const plan = drawHostilePlan(seed);
    const { breaches, requests, attempts, virtualMs } = await playOne[kind](plan);
    if (breaches.length > 0) return { first, next: seed, counts, breaches };
    counts = sumOf(counts, {
      requests,
      attempts,
      virtualMs,
      guarded: plan.guardian === undefined ? 0 : requests,
    });
  }
  return { first, next: end, counts, breaches: [] };
};

if (import.meta.main) {
  process.on('message', (block: Block) => {
    void play(block).then((played) => process.send?.(played));
  });
}
