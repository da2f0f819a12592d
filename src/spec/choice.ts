/** What a request may ask of the model that is chosen for it, and what the choice was made from. Imports this folder. */

import type { Analysis } from './analysis.ts';
import type { Capability, Millis, Zone } from './vocabulary.ts';

/** Limits of one request, or of a key: what does not keep them is no choice at any price. */
export interface Constraints {
  /** To the end of the answer; of a stream, to its first content. */
  readonly maxLatencyMs?: Millis | undefined;
  /** In the currency of the configured prices. */
  readonly maxCostPerRequest?: number | undefined;
  /** Share of requests that end well, in 0..1. */
  readonly minReliability?: number | undefined;
  /** A backend or kind that goes first among equals; the one wish here that excludes nothing. */
  readonly preferredBackend?: string | undefined;
  readonly requiredCapabilities?: readonly Capability[] | undefined;
  /** Names as clients or backends use them, lower-cased. */
  readonly excludedModels?: readonly string[] | undefined;
  readonly zone?: Zone | undefined;
}

/** How much each part of a choice counts; only the proportions matter. */
export interface ChoiceWeights {
  readonly performance: number;
  readonly cost: number;
  readonly reliability: number;
  readonly capabilities: number;
}

/** Models of like strength under one name; any of them may serve. */
export interface ModelTier {
  readonly name: string;
  /** Names as clients use them. */
  readonly models: readonly string[];
}

/** Models that a request chooses among by what it needs. */
export interface ModelGroup {
  readonly name: string;
  /** Weakest first; none: made from what is installed. */
  readonly tiers: readonly ModelTier[];
  /** Complexities in 0..1 from which on the next tier is wanted: one fewer than tiers, ascending. */
  readonly thresholds: readonly number[];
  readonly weights: ChoiceWeights;
}

/** What the planner is told of a request that leaves the model open. */
export interface AutoAsk {
  readonly group: string;
  readonly analysis: Analysis;
  /** Names of the tiers, weakest first. */
  readonly tiers: readonly string[];
  /** The place of the wanted tier among them. */
  readonly wanted: number;
  /** In a few words, without any of the prompt. */
  readonly because: string;
  readonly weights: ChoiceWeights;
}
