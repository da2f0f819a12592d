/** What one of the ways to run Pointsman cannot do, each with its reason; the suite asserts that every gap is still there. */

import type { TargetName } from './runtimes/target.ts';

export interface KnownGap {
  readonly target: TargetName;
  /** The sentence of the case. */
  readonly case: string;
  readonly reason: string;
}

export const knownGaps: readonly KnownGap[] = [
  {
    target: 'node',
    case: 'leaving while a host takes no connection gives up the attempt to connect',
    reason:
      'undici finishes a connection it has begun, or gives it up after ten seconds; nothing is sent over it',
  },
];
