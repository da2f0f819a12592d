/** Filter: a request that must stay local never sees a cloud backend. */

import { staysLocal } from '../local-only.ts';
import type { Filter, Reason } from '../policy.ts';

const forbidden: Reason = { kind: 'forbidden', text: 'the request may not leave the local zone' };

/** An invariant rather than a preference, so it stands before everything that ranks and everything that chooses. */
export const withinZone: Filter = (ask, candidate) =>
  candidate.zone === 'local' || !staysLocal(ask) || forbidden;
