/** Filter: a request that must stay local never sees a cloud backend. Imports spec. */

import type { Filter } from '../policy.ts';

/** An invariant rather than a preference, so it stands before everything that ranks. */
export const withinZone: Filter = (ask, candidate) =>
  !ask.localOnly ||
  candidate.zone === 'local' || { kind: 'forbidden', text: 'the request may not leave the local zone' };
