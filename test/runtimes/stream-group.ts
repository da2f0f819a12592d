/** Answers in every form, between every pair of dialects. */

import { abilityCases } from './ability-cases.ts';
import { caseGroup } from './case-group.ts';
import { embeddingCases } from './embedding-cases.ts';
import { latencyCases } from './latency-cases.ts';
import { passthroughCases } from './passthrough-cases.ts';
import { residencyCases } from './residency-cases.ts';
import { closeStreamBench, openStreamBench } from './stream-bench.ts';
import { translationCases } from './translation-cases.ts';

export const streamGroup = caseGroup({
  title: 'answers',
  needs: 'an engine that says exactly what it is told',
  open: openStreamBench,
  close: closeStreamBench,
  cases: [
    ...passthroughCases,
    ...translationCases,
    ...abilityCases,
    ...embeddingCases,
    ...residencyCases,
    ...latencyCases,
  ],
});
