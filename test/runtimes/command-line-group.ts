/** The command line. */

import { caseGroup } from './case-group.ts';
import { closeCommandLineBench, commandLineCases, openCommandLineBench } from './command-line-cases.ts';

export const commandLineGroup = caseGroup({
  title: 'the command line',
  needs: 'an engine with a list made up for the test, or none at all',
  open: openCommandLineBench,
  close: closeCommandLineBench,
  cases: commandLineCases,
  timeoutMs: 30_000,
});
