/** Filter: the prompt and its answer fit into what the model can read. */

import type { Filter } from '../policy.ts';

/** Estimates of tokens err by about so much. */
const tolerance = 0.9;

/** Only for a request that leaves its model open: one that names a model is told by the engine that knows. */
export const fitsContext: Filter = (ask, { card }) => {
  const { contextTokens } = card;
  if (contextTokens === undefined || ask.inputTokens * tolerance <= contextTokens) return true;
  return {
    kind: 'incapable',
    text: `about ${Math.round(ask.inputTokens)} tokens do not fit into its context of ${contextTokens}`,
  };
};
