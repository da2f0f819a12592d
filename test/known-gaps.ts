/** What one of the ways to run Pointsman cannot do, each with its reason; the suite asserts that every gap is still there. */

import type { ProtocolId } from '../src/spec/vocabulary.ts';
import type { TargetName } from './runtimes/target.ts';

export interface KnownGap {
  readonly target: TargetName;
  /** The sentence of the case. */
  readonly case: string;
  readonly reason: string;
}

export const knownGaps: readonly KnownGap[] = [];

/** A cell of the square of dialects that cannot be filled; without a front or a wire it is one of all of them. */
export interface SquareGap {
  readonly front?: ProtocolId;
  readonly wire?: ProtocolId;
  readonly column: string;
  /** What the provider says, or leaves out. */
  readonly reason: string;
}

export const squareGaps: readonly SquareGap[] = [
  {
    front: 'openai-responses',
    column: 'stop',
    reason: 'the Responses API has no field for stop sequences; token limits and ends are told',
  },
];
