/** Filter: a request goes to each host once. */

import type { Filter } from '../policy.ts';

/** Attempts are on distinct hosts, so that a broken host costs one of them. */
export const untried: Filter = (ask, candidate) =>
  !ask.tried.includes(candidate.backend) || { kind: 'tried', text: 'already tried for this request' };
