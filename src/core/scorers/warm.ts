/** Scorer: the model is in memory already. Imports spec. */

import type { Scorer } from '../policy.ts';

/** A cold load costs seconds to minutes; 0.5 where residency is unknown. */
export const warm: Scorer = (_ask, candidates) => {
  const anyKnown = candidates.some((candidate) => candidate.card.loaded !== undefined);
  return candidates.map((candidate) => (candidate.card.loaded === undefined ? (anyKnown ? 0 : 0.5) : 1));
};
