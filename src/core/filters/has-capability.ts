/** Filter: the model can do what the request makes use of. */

import type { Capability } from '../../spec/vocabulary.ts';
import type { Filter, Reason } from '../policy.ts';

/** The word is Ollama's, and nothing in a request is called so. */
const insertAdvice =
  ', which is to fill in text before a suffix; leave out suffix, or ask for a model that does';

/** Rejects only what an engine is known to lack: an unknown capability is asked for, not refused. */
export const hasCapability: Filter = (ask, candidate) => {
  const { capabilities } = candidate.card;
  if (capabilities === undefined || capabilities.length === 0) return true;
  for (const need of ask.needs) if (isMissing(need, capabilities)) return lacking(ask.needs, capabilities);
  return true;
};

const isMissing = (need: Capability, capabilities: readonly Capability[]): boolean =>
  need !== 'embedding' && !capabilities.includes(need);

const lacking = (needs: readonly Capability[], capabilities: readonly Capability[]): Reason => {
  const missing = needs.filter((need) => isMissing(need, capabilities));
  const advice = missing.includes('insert') ? insertAdvice : '';
  return { kind: 'incapable', text: `this model does not support ${missing.join(', ')}${advice}` };
};
