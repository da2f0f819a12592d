/** Filter: the backend is of one kind. */

import type { Filter, Reason } from '../policy.ts';

/** Nothing else passes, even when all of that kind are down: whoever asks for one kind means it. */
export const ofKind = (kind: string): Filter => {
  const excluded: Reason = { kind: 'forbidden', text: `the policy uses ${kind} only` };
  return (_ask, candidate) => candidate.kind === kind || excluded;
};
