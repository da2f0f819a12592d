/** Silence that is bridged. */

import { caseGroup } from './case-group.ts';
import { closeHeartbeatBench, heartbeatCases, openHeartbeatBench } from './heartbeat-cases.ts';

export const heartbeatGroup = caseGroup({
  title: 'signs of life',
  needs: 'an engine that is silent for as long as it is told',
  open: openHeartbeatBench,
  close: closeHeartbeatBench,
  cases: heartbeatCases,
});
