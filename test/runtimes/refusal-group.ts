/** What is refused. */

import { badRequestCases } from './bad-request-cases.ts';
import { capacityCases } from './capacity-cases.ts';
import { caseGroup } from './case-group.ts';
import { frontDoorCases } from './front-door-cases.ts';
import { closeRefusalBench, openRefusalBench } from './refusal-bench.ts';

export const refusalGroup = caseGroup({
  title: 'refusals',
  needs: 'an engine that counts what reaches it',
  open: openRefusalBench,
  close: closeRefusalBench,
  cases: [...badRequestCases, ...frontDoorCases, ...capacityCases],
});
