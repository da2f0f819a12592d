/** Pages and lists. */

import { caseGroup } from './case-group.ts';
import { closePageBench, openPageBench, pageCases } from './page-cases.ts';

export const pageGroup = caseGroup({
  title: 'pages',
  needs: 'an engine with a list made up for the test, beside hosts that are dead',
  open: openPageBench,
  close: closePageBench,
  cases: pageCases,
});
