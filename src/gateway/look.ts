/** One look at the fleet on behalf of a request: what both the slots and the line before them work on. */

import type { Round } from '../core/decision.ts';
import type { BackendId } from '../spec/vocabulary.ts';
import type { Served } from './fleet.ts';
import type { Account } from './settle.ts';
import type { Resolved } from './stages.ts';

/** A request in search of a slot. */
export interface Seeker {
  readonly resolved: Resolved;
  readonly account: Account;
}

/** What was seen, and where it led. */
export interface Look extends Omit<Round, 'chosen'> {
  readonly served: Served | undefined;
  chosen: BackendId | undefined;
}
