/**
 * What must hold between instances, beside what must hold in each. What two of them cannot have told each other yet is no
 * breach: a rule binds those that were in touch, each with the store and running, and where it compares what they believe
 * or hold, a second after the change. Who is not in touch stands for itself, and its own rules bind it: so there are as
 * many trials and loads at once as there are groups that cannot hear each other, and no more.
 *
 * Not here: what concerns one request (I1, I3, I6, I7, I12, I14) is checked in the instance that has it; I9 and I11 are how
 * a world is played, with a bad store before a sound host, and again without steps of the clock.
 */

import { type BeliefRules, createBeliefRules } from './cluster-beliefs.ts';
import type { Watch } from './cluster-peer.ts';
import { createQuotaRules, type QuotaRules } from './cluster-quotas.ts';
import { createWorkRules, type WorkRules } from './cluster-work.ts';

export interface ClusterInvariants
  extends Pick<WorkRules, 'attempt' | 'turn' | 'crashes'>,
    Pick<BeliefRules, 'sample' | 'restarted' | 'revived'>,
    Pick<QuotaRules, 'arrived' | 'quiet'> {
  readonly breaches: readonly string[];
}

export interface ClusterInvariantOptions extends Pick<Watch, 'now' | 'peers'> {
  /** The longest that a writing may be under way. */
  readonly latestWriteMs: number;
}

/** Follows a world and collects its breaches. */
export const createClusterInvariants = ({
  now,
  peers,
  latestWriteMs,
}: ClusterInvariantOptions): ClusterInvariants => {
  const breaches: string[] = [];
  const breach = (rule: string, text: string): void => {
    if (breaches.length < 20) breaches.push(`${rule} at ${Math.round(now())} ms: ${text}`);
  };
  const work = createWorkRules({ now, peers, breach });
  const beliefs = createBeliefRules({ now, peers, breach }, latestWriteMs);
  const quotas = createQuotaRules({ now, peers, breach });
  return {
    breaches,
    attempt: (going) => {
      work.attempt(going);
      beliefs.attempt(going);
    },
    turn: work.turn,
    crashes: (peer) => {
      work.crashes(peer);
      beliefs.crashes(peer);
    },
    arrived: quotas.arrived,
    quiet: quotas.quiet,
    sample: () => {
      beliefs.sample();
      quotas.sample();
    },
    restarted: beliefs.restarted,
    revived: beliefs.revived,
  };
};
