/** Hosts that fail, before content and after it. */

import { brokenStreamCases } from './broken-stream-cases.ts';
import { caseGroup } from './case-group.ts';
import { closeFailoverBench, openFailoverBench } from './failover-bench.ts';
import { failoverCases } from './failover-cases.ts';

export const failoverGroup = caseGroup({
  title: 'failing hosts',
  needs: 'an engine that fails at the very moment it is told to',
  open: openFailoverBench,
  close: closeFailoverBench,
  cases: [...failoverCases, ...brokenStreamCases],
});
