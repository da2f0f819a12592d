/** One recorded request under another policy. Imports spec. */

import type { BackendId, Millis } from '../spec/vocabulary.ts';

/** What really happened; times count from the arrival. */
export interface RecordedOutcome {
  /** Where it went first. */
  readonly backend: BackendId | undefined;
  readonly outcome: string | undefined;
  readonly firstContentMs: Millis | undefined;
  readonly durationMs: Millis | undefined;
  /** What would have been estimated for that backend at the arrival, to judge estimates by. */
  readonly estimatedFirstContentMs: Millis | undefined;
}

/** What the other policy does with the same request. */
export interface OtherOutcome {
  readonly backend: BackendId | undefined;
  /** Whether a slot is free for it, is waited for, or no host may serve it. */
  readonly start: 'at-once' | 'waits' | 'nowhere';
  readonly why: string;
  /** `measured`: the same backend, so what happened stands; `estimate`: another one. */
  readonly basis: 'measured' | 'estimate' | 'none';
  readonly firstContentMs: Millis | undefined;
  readonly durationMs: Millis | undefined;
}

export interface Replayed {
  readonly requestId: string;
  readonly model: string;
  readonly recorded: RecordedOutcome;
  readonly other: OtherOutcome;
}
