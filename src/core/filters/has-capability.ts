/** Filter: the model can do what the request makes use of. */

import type { Filter } from '../policy.ts';

/** Rejects only what an engine is known to lack: an unknown capability is asked for, not refused. */
export const hasCapability: Filter = (ask, candidate) => {
  const { capabilities } = candidate.card;
  if (capabilities === undefined || capabilities.length === 0) return true;
  const missing = ask.needs.filter((need) => need !== 'embedding' && !capabilities.includes(need));
  if (missing.length === 0) return true;
  return { kind: 'incapable', text: `this model does not support ${missing.join(', ')}` };
};
