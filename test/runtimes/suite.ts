/** Everything that holds for a running Pointsman, whatever it runs on. */

import { describe } from 'bun:test';
import type { CaseGroup } from './case-group.ts';
import { failoverGroup } from './failover-group.ts';
import { streamGroup } from './stream-group.ts';
import type { Target } from './target.ts';

export const groups: readonly CaseGroup[] = [streamGroup, failoverGroup];

/** Registers all groups for one way to run Pointsman. */
export const runSuite = (target: Target): void => {
  describe(`Pointsman as ${target.name}`, () => {
    for (const group of groups) group.register(target);
  });
};
