/** Reload and shutdown. */

import { caseGroup } from './case-group.ts';
import { closeLifecycleBench, lifecycleCases, openLifecycleBench } from './lifecycle-cases.ts';

export const lifecycleGroup = caseGroup({
  title: 'changes and ends',
  needs: 'an engine whose answer goes on for exactly as long as the test wants',
  open: openLifecycleBench,
  close: closeLifecycleBench,
  cases: lifecycleCases,
});
