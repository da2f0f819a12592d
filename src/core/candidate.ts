/** What the planner sees: backend × model with all that is known of it at one moment. Pure. */

import type { AutoAsk, Constraints } from '../spec/choice.ts';
import type { Loss } from '../spec/decision.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type {
  BackendId,
  Capability,
  Intent,
  Lane,
  Millis,
  Mode,
  ProtocolId,
  Work,
  Zone,
} from '../spec/vocabulary.ts';
import type { Breaker } from './breaker.ts';
import type { Keyless } from './key-ring.ts';
import type { MemoryPressure, Pin } from './pins.ts';
import type { PairRates } from './rates.ts';

/** A host as its probes and connections show it. */
export interface HostHealth {
  readonly state: 'unknown' | 'up' | 'down';
  /** Connection failures in a row, probes and traffic together. */
  readonly failures: number;
  /** When the last of them was. */
  readonly failedAt?: Millis;
  /** Why it is down, in words without an address. */
  readonly reason?: string;
  /** Models that ran out of its memory of late. */
  readonly pressure?: MemoryPressure | undefined;
}

/** A pair as its traffic shows it. */
export interface PairHealth {
  readonly breaker: Breaker;
  readonly pin: Pin | undefined;
  /** The engine has no such model until then; 0 when it has. */
  readonly absentUntil: Millis;
  /** The engine said it is busy, or set a limit; 0 when not. */
  readonly busyUntil: Millis;
  /** Limits met in a row that came without a time; each doubles the next wait. */
  readonly limited?: number;
  /** The engine refuses the configured credentials; 0 when not. */
  readonly refusedUntil?: Millis;
  /** Set while no key of the host may be used for the model. */
  readonly keyless?: Keyless | undefined;
}

/** Where the model's weights are. */
export type ResidencyState =
  | { readonly state: 'hot' }
  /** A load runs; `remainingMs` is the estimate of what is left. */
  | { readonly state: 'loading'; readonly remainingMs: Millis }
  /** `waitMs` is what is left of another load that has to end first. */
  | { readonly state: 'cold'; readonly waitMs?: Millis | undefined }
  /** The engine does not tell; it is taken to be ready. */
  | { readonly state: 'unknown' };

/** Prices in a currency's units per million tokens; local hosts have none. */
export interface Price {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
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
  /** How many of those are for this model; absent: all. */
  readonly pairInflight?: number | undefined;
  /** How long those that run hold a slot, on average; absent: they are taken to be like the request in question. */
  readonly meanServiceMs?: Millis | undefined;
  /** The dialects spoken there, best first. */
  readonly speaks: readonly ProtocolId[];
  readonly host: HostHealth;
  readonly pair: PairHealth;
  readonly residency: ResidencyState;
  /** Learned speeds of this pair, decayed towards a neutral prior; always finite and above zero. */
  readonly rates: PairRates;
  /** Prompt tokens this host is expected to hold in its cache for this request. */
  readonly prefixHitTokens: number;
  /** Where affinity would send this request: 1 for the preferred host, falling with its rank, 0 without affinity. */
  readonly affinity: number;
  /** A label of configuration, such as `eu` or `office`. */
  readonly region: string | undefined;
  readonly roundTripMs: Millis | undefined;
  readonly price: Price | undefined;
  /** Share of the traffic in weighted_random; absent: as many as it has slots. */
  readonly weight?: number | undefined;
  /** Share of recent requests that ended well, decayed to 1. */
  readonly reliability: number;
  /** GPU memory as far as it is known: what is left for a load. */
  readonly freeVramBytes: number | undefined;
  /** The name clients use for the model, and its tier, where the request leaves the model open. */
  readonly name?: string | undefined;
  readonly tier?: number | undefined;
}

/** All the planner may know; `now` is its only time. */
export interface Snapshot {
  readonly now: Millis;
  readonly candidates: readonly Candidate[];
}

/** What the planner needs of a request. */
export interface Ask {
  readonly model: string;
  readonly operation: Work;
  readonly protocol: ProtocolId;
  readonly stream: boolean;
  readonly intent: Intent;
  readonly mode: Mode;
  readonly needs: readonly Capability[];
  readonly localOnly: boolean;
  /** Estimated prompt tokens, images included. */
  readonly inputTokens: number;
  /** The same as it was counted, before what engines reported corrected it; absent where nothing was counted. */
  readonly countedTokens?: number | undefined;
  /** Estimated answer tokens, from limits and what the model usually writes. */
  readonly outputTokens: number;
  /** The context it will be run with, where that is settled before a host is chosen. */
  readonly contextTokens?: number | undefined;
  /** What keeps a conversation on its host: an explicit session, else the prefix. */
  readonly sessionKey: string | undefined;
  /** The kind or backend a model's configuration prefers. */
  readonly preferred: string | undefined;
  /** The caller's region, where one is known. */
  readonly region: string | undefined;
  /** Not after this time can an answer begin usefully. */
  readonly deadlineAt: Millis | undefined;
  /** Limits of cost_optimized: what a candidate must keep to be considered. */
  readonly limits: { readonly maxFirstTokenMs?: Millis; readonly minReliability?: number };
  /** Backends this request already failed on. */
  readonly tried: readonly BackendId[];
  /** What the request or its key asks of the model; absent: nothing. */
  readonly constraints?: Constraints | undefined;
  /** Set where the request leaves the model open. */
  readonly auto?: AutoAsk | undefined;
  /** What dialects of its hosts would lose of it, where that was looked for. */
  readonly losses?: Readonly<Partial<Record<ProtocolId, Loss>>> | undefined;
  /** Whether it may lose nothing. */
  readonly strict?: boolean | undefined;
}
