/** What one of the ways to run Pointsman cannot do, each with its reason; the suite asserts that every gap is still there. */

import type { TargetName } from './runtimes/target.ts';

export interface KnownGap {
  readonly target: TargetName;
  /** The sentence of the case. */
  readonly case: string;
  readonly reason: string;
}

export const knownGaps: readonly KnownGap[] = [];
