/** Scorer: the configured priority. Imports spec. */

import type { Scorer } from '../policy.ts';

/** 1 for the lowest number, falling with each step, so that a tier is never outweighed by chance. */
export const priority: Scorer = (_ask, candidates) => {
  const lowest = Math.min(...candidates.map((candidate) => candidate.priority));
  return candidates.map((candidate) => 1 / (1 + candidate.priority - lowest));
};
