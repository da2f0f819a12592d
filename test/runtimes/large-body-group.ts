/** Large bodies. */

import { caseGroup } from './case-group.ts';
import { closeLargeBodyBench, largeBodyCases, openLargeBodyBench } from './large-body-cases.ts';

export const largeBodyGroup = caseGroup({
  title: 'large bodies',
  needs: 'an engine that takes any image for its size and shows what arrived',
  open: openLargeBodyBench,
  close: closeLargeBodyBench,
  cases: largeBodyCases,
  timeoutMs: 30_000,
});
