/** Tiers: orders that no score crosses. The first free host of an earlier tier is used before any of a later one. */

import type { Intent, Lane } from '../spec/vocabulary.ts';
import type { Ask, Candidate } from './candidate.ts';
import type { Tier } from './policy.ts';

const laneOrder: Readonly<Record<Intent, Readonly<Record<Lane, number>>>> = {
  fast: { gpu: 0, peer: 1, container: 2, cpu: 3, cloud: 4 },
  heavy: { cpu: 0, peer: 1, container: 2, gpu: 3, cloud: 4 },
};

/** 0 for the lane an intent wants first: `fast` wants the GPU, `heavy` keeps long jobs off it, the cloud costs. */
export const laneRank = (intent: Intent, lane: Lane): number => laneOrder[intent][lane];

/** Whether a model's configuration names this backend, or its kind, as the one it prefers. */
export const isPreferred = ({ preferred }: Ask, { backend, kind }: Candidate): boolean =>
  preferred !== undefined && (preferred === backend || preferred === kind);

/** What the configuration ranks first is used first. */
export const byPriority: Tier = { name: 'priority', rank: (_ask, { priority }) => priority };

/** The lane that suits the intent. */
export const byLane: Tier = { name: 'lane', rank: ({ intent }, { lane }) => laneRank(intent, lane) };

const hostingRank: Readonly<Record<Lane, number>> = { gpu: 0, cpu: 0, peer: 0, container: 1, cloud: 2 };

/** Engines on hosts, then in containers, then in the cloud. */
export const byHosting: Tier = { name: 'hosting', rank: (_ask, { lane }) => hostingRank[lane] };

/** What the model's configuration prefers, then the first kind, then the second, then all others. */
export const byKind = (first: string, second: string): Tier => ({
  name: 'kind',
  rank: (ask, candidate) => {
    if (isPreferred(ask, candidate)) return 0;
    if (candidate.kind === first) return 1;
    return candidate.kind === second ? 2 : 3;
  },
});
