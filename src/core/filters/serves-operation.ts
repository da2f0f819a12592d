/** Filter: the host speaks a dialect that carries the operation, and the model is made for it. */

import type { Filter } from '../policy.ts';

/** Keeps embedding requests off chat-only models and the reverse, where the engine says what a model is. */
export const servesOperation: Filter = (ask, candidate) => {
  const { capabilities } = candidate.card;
  if (capabilities === undefined || capabilities.length === 0) return true;
  const wanted = ask.operation === 'embed' ? 'embedding' : 'completion';
  return (
    capabilities.includes(wanted) || {
      kind: 'incapable',
      text: `the model has no ${wanted} capability there`,
    }
  );
};
