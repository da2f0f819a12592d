/**
 * How one request was placed, as JSON: what was asked, what was known of each candidate, why the order is what it is, and
 * what really happened. Holds no prompt, no address, no key. Imports this folder.
 */

import type { Analysis } from './analysis.ts';
import type { AutoAsk, Constraints } from './choice.ts';
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
} from './vocabulary.ts';

/** What a dialect would lose of a request. */
export interface Loss {
  /** The fields, as paths. */
  readonly dropped: readonly string[];
  /** Why it cannot carry the request at all. */
  readonly refusal?: string | undefined;
}

/** What the planner was asked. Times are those of the process's monotonic clock, as everywhere in a decision. */
export interface DecisionAsk {
  readonly model: string;
  readonly operation: Work;
  readonly protocol: ProtocolId;
  readonly stream: boolean;
  readonly intent: Intent;
  readonly mode: Mode;
  readonly needs: readonly Capability[];
  readonly localOnly: boolean;
  readonly inputTokens: number;
  readonly countedTokens?: number | undefined;
  readonly outputTokens: number;
  readonly contextTokens?: number | undefined;
  readonly preferred?: string | undefined;
  readonly region?: string | undefined;
  readonly deadlineAt?: Millis | undefined;
  readonly limits: {
    readonly maxFirstTokenMs?: Millis | undefined;
    readonly minReliability?: number | undefined;
  };
  readonly tried: readonly BackendId[];
  readonly constraints?: Constraints | undefined;
  readonly auto?: AutoAsk | undefined;
  /** By dialect, where they were looked for. */
  readonly losses?: Readonly<Partial<Record<ProtocolId, Loss>>> | undefined;
  /** Whether it may lose nothing. */
  readonly strict?: boolean | undefined;
}

/** One candidate as it was known then; `host`, `pair` and `rates` are as the planner keeps them, for a replay. */
export interface DecisionCandidate {
  readonly backend: BackendId;
  readonly upstream: string;
  readonly kind: string;
  readonly lane: Lane;
  readonly zone: Zone;
  readonly priority: number;
  readonly slots: number;
  readonly inflight: number;
  readonly pairInflight?: number | undefined;
  readonly meanServiceMs?: Millis | undefined;
  readonly speaks: readonly ProtocolId[];
  readonly residency: {
    readonly state: 'hot' | 'loading' | 'cold' | 'unknown';
    readonly remainingMs?: Millis;
    readonly waitMs?: Millis | undefined;
  };
  readonly prefixHitTokens: number;
  readonly affinity: number;
  readonly reliability: number;
  readonly region?: string | undefined;
  readonly roundTripMs?: Millis | undefined;
  readonly price?: { readonly inputPerMillion: number; readonly outputPerMillion: number } | undefined;
  readonly weight?: number | undefined;
  readonly freeVramBytes?: number | undefined;
  readonly model: {
    readonly sizeBytes?: number | undefined;
    readonly capabilities?: readonly Capability[] | undefined;
  };
  readonly host: unknown;
  readonly pair: unknown;
  readonly rates: unknown;
  /** Where the request leaves the model open: the name clients use for it, and the place of its tier. */
  readonly name?: string | undefined;
  readonly tier?: number | undefined;
}

/** When a host was expected to have answered; `core/estimate.ts` is the formula. */
export interface DecisionEstimate {
  /** For a slot, where all are taken. */
  readonly waitMs: Millis;
  readonly loadMs: Millis;
  /** Of the prompt tokens that are not in the host's cache. */
  readonly prefillMs: Millis;
  readonly decodeMs: Millis;
  /** Dispatch to first content: ratio · (wait + load + prefill) + round trip. */
  readonly firstTokenMs: Millis;
  /** Dispatch to the end. */
  readonly totalMs: Millis;
  /** Money, lane and preference as if they were time. */
  readonly costMs: Millis;
  /** What hosts are ranked by: ratio · (wait + load + prefill + ω · decode) + round trip + cost. */
  readonly weighedMs: Millis;
}

/** A candidate that could have been used, with all that placed it. */
export interface DecisionRank {
  readonly backend: BackendId;
  /** Told where one backend may stand here with several models. */
  readonly upstream?: string | undefined;
  /** `free`: had a slot; `full`: would have to be waited for. */
  readonly place: 'free' | 'full';
  readonly score: number;
  /** By scorer, each in 0..1. */
  readonly scores: Readonly<Record<string, number>>;
  /** By tier; lower goes first. */
  readonly tiers: Readonly<Record<string, number>>;
  readonly estimate: DecisionEstimate;
}

/** A candidate that could not. */
export interface DecisionRejection {
  readonly backend: BackendId;
  readonly upstream?: string | undefined;
  readonly kind: 'incapable' | 'unavailable' | 'forbidden' | 'tried';
  readonly reason: string;
}

/** One look at the fleet: at arrival, and again for each attempt. */
export interface DecisionRound {
  readonly now: Millis;
  readonly seed: number;
  readonly ask: DecisionAsk;
  /** The policy that was in force, and the one that decided where that one chooses another. */
  readonly policy: string;
  readonly decidedBy: string;
  readonly why: string;
  /** The one the request went to after this look; absent where it waited or was refused. */
  readonly chosen?: BackendId | undefined;
  readonly candidates: readonly DecisionCandidate[];
  /** Best first, those with a free slot before those without. */
  readonly ranked: readonly DecisionRank[];
  readonly rejected: readonly DecisionRejection[];
}

/** One call to one host. */
export interface DecisionAttempt {
  readonly backend: BackendId;
  /** `served`, or the class of its failure in `core/outcome.ts`. */
  readonly outcome: string;
  readonly afterMs: Millis;
  /** Request fields that were lost on the way; absent: none. */
  readonly dropped?: readonly string[] | undefined;
}

/** How it ended; durations count from the arrival of the request. */
export interface DecisionEnd {
  /** As in telemetry, or `planned` where nothing was sent. */
  readonly outcome: 'done' | 'failed' | 'broken' | 'canceled' | 'refused' | 'planned';
  /** The HTTP status, or the error code. */
  readonly code: string;
  readonly queueMs: Millis;
  readonly firstContentMs?: Millis | undefined;
  readonly durationMs: Millis;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
}

/** A model on a backend, as a choice of models shows it. */
export interface ChosenModel {
  readonly model: string;
  readonly backend: BackendId;
  readonly tier: string;
}

/** How the model was chosen for a request that left it open. Holds no word of the prompt. */
export interface DecisionChoice {
  readonly group: string;
  /** Weakest first. */
  readonly tiers: readonly string[];
  /** The tier the request is worth. */
  readonly wanted: string;
  readonly because: string;
  readonly analysis: Analysis;
  /** Absent where none could be chosen, or yet has to be. */
  readonly chosen?: ChosenModel | undefined;
  readonly runnerUp?: ChosenModel | undefined;
}

/** The whole of it. */
export interface Decision {
  readonly version: 1;
  readonly requestId: string;
  readonly atUnixMs: number;
  /** The name of the caller's key. */
  readonly principal: string;
  /** As asked. */
  readonly model: string;
  /** Set where the model was left open. */
  readonly auto?: DecisionChoice | undefined;
  readonly rounds: readonly DecisionRound[];
  readonly attempts: readonly DecisionAttempt[];
  /** Absent while it runs. */
  readonly end?: DecisionEnd | undefined;
}
