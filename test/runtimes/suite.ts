/** Everything that holds for a running Pointsman, whatever it runs on. */

import { afterAll, beforeAll, describe } from 'bun:test';
import type { CaseGroup } from './case-group.ts';
import { clientGroup } from './client-group.ts';
import { commandLineGroup } from './command-line-group.ts';
import { departureGroup } from './departure-group.ts';
import { engineGroup } from './engine-group.ts';
import { failoverGroup } from './failover-group.ts';
import { geminiGroup } from './gemini-group.ts';
import { guardedGroup } from './guarded-group.ts';
import { heartbeatGroup } from './heartbeat-group.ts';
import { largeBodyGroup } from './large-body-group.ts';
import { lifecycleGroup } from './lifecycle-group.ts';
import { messageGroup } from './message-group.ts';
import { pageGroup } from './page-group.ts';
import { refusalGroup } from './refusal-group.ts';
import { responseGroup } from './response-group.ts';
import { sidecarGroup } from './sidecar-group.ts';
import { beginSilence, endSilence, silenceGroup } from './silence-group.ts';
import { stateGroup } from './state-group.ts';
import { streamGroup } from './stream-group.ts';
import type { Target } from './target.ts';

/** In the order they run; the silence began before them all. */
export const groups: readonly CaseGroup[] = [
  streamGroup,
  engineGroup,
  clientGroup,
  responseGroup,
  geminiGroup,
  failoverGroup,
  departureGroup,
  messageGroup,
  heartbeatGroup,
  refusalGroup,
  guardedGroup,
  pageGroup,
  largeBodyGroup,
  lifecycleGroup,
  stateGroup,
  sidecarGroup,
  commandLineGroup,
  silenceGroup,
];

/** Registers all groups for one way to run Pointsman. */
export const runSuite = (target: Target): void => {
  describe(`Pointsman as ${target.name}`, () => {
    beforeAll(() => beginSilence(target));
    afterAll(() => endSilence(target));
    for (const group of groups) group.register(target);
  });
};
