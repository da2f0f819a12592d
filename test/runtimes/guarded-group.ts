/** Keys and secrets. */

import { caseGroup } from './case-group.ts';
import { closeGuardedBench, openGuardedBench } from './guarded-bench.ts';
import { keyCases } from './key-cases.ts';
import { secrecyCases } from './secrecy-cases.ts';

export const guardedGroup = caseGroup({
  title: 'keys and secrets',
  needs: 'an engine that repeats the key it was sent',
  open: openGuardedBench,
  close: closeGuardedBench,
  cases: [...keyCases, ...secrecyCases],
});
