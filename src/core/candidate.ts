/** What the planner sees: backend × model with all that is known of it at one moment. Pure. */

import type { ModelCard } from '../spec/model-card.ts';
import type {
  BackendId,
  Capability,
  Inference,
  Intent,
  Lane,
  Millis,
  ProtocolId,
  Zone,
} from '../spec/vocabulary.ts';

/** A host as its probes and connections show it. */
export interface HostHealth {
  readonly state: 'unknown' | 'up' | 'down';
  /** Connection failures in a row, probes and traffic together. */
  readonly failures: number;
  /** Why it is down, in words without an address. */
  readonly reason?: string;
}

/** A pair as its traffic shows it. */
export interface PairHealth {
  readonly failures: number;
  /** Not before this time is the pair tried again; 0 when closed. */
  readonly openUntil: Millis;
  /** How often in a row it opened, which sets the next opening's length. */
  readonly openings: number;
  /** The engine has no such model until then; 0 when it has. */
  readonly absentUntil: Millis;
  /** The engine said it is busy; 0 when not. */
  readonly busyUntil: Millis;
  readonly reason?: string;
}

export interface Candidate {
  readonly backend: BackendId;
  /** The name the backend knows the model by. */
  readonly upstream: string;
  readonly card: ModelCard;
  readonly kind: string;
  readonly lane: Lane;
  readonly zone: Zone;
  readonly priority: number;
  readonly slots: number;
  readonly inflight: number;
  /** The dialects spoken there, best first. */
  readonly speaks: readonly ProtocolId[];
  readonly host: HostHealth;
  readonly pair: PairHealth;
}

/** All the planner may know; `now` is its only time. */
export interface Snapshot {
  readonly now: Millis;
  readonly candidates: readonly Candidate[];
}

/** What the planner needs of a request. */
export interface Ask {
  readonly model: string;
  readonly operation: Inference;
  readonly protocol: ProtocolId;
  readonly intent: Intent;
  readonly needs: readonly Capability[];
  readonly localOnly: boolean;
  /** Backends this request already failed on. */
  readonly tried: readonly BackendId[];
}
