/** Scorer: the hardware that suits the intent. Imports spec. */

import type { Intent, Lane } from '../../spec/vocabulary.ts';
import type { Scorer } from '../policy.ts';

const order: Readonly<Record<Intent, readonly Lane[]>> = {
  fast: ['gpu', 'peer', 'container', 'cpu', 'cloud'],
  heavy: ['cpu', 'peer', 'container', 'gpu', 'cloud'],
};

/** `fast` wants the GPU first; `heavy` keeps long jobs off it; the cloud is last for both, since it costs. */
export const lane: Scorer = (ask, candidates) => {
  const lanes = order[ask.intent];
  return candidates.map((candidate) => 1 - lanes.indexOf(candidate.lane) / lanes.length);
};
