/**
 * The policy of a request that leaves its model open: filters and scorers over candidates of several models, in the one
 * planner. Imports spec.
 */

import type { ChoiceWeights } from '../../spec/choice.ts';
import type { Ask, Candidate, Snapshot } from '../candidate.ts';
import { fitsContext } from '../filters/fits-context.ts';
import { withinConstraints } from '../filters/within-constraints.ts';
import { highestRotating } from '../pickers.ts';
import {
  changingChoice,
  type Filter,
  type Policy,
  type Reason,
  type Tier,
  type WeightedScorer,
} from '../policy.ts';
import { cheapest } from '../scorers/cheapest.ts';
import { dependable } from '../scorers/dependable.ts';
import { performance } from '../scorers/performance.ts';
import { suited } from '../scorers/suited.ts';
import { isPreferred } from '../tiers.ts';
import { isEmbedder } from './strength.ts';

const notForVectors: Reason = { kind: 'incapable', text: 'the model makes text, not vectors' };
const onlyVectors: Reason = { kind: 'incapable', text: 'the model makes vectors, not text' };

/** An engine that does not say what a model is for has a name for it all the same. */
const ofItsKind: Filter = ({ operation }, { card }) => {
  if (operation === 'embed') return isEmbedder(card) || notForVectors;
  return !isEmbedder(card) || onlyVectors;
};

const filters: readonly Filter[] = [ofItsKind, fitsContext, withinConstraints];

const tierOf = ({ tier }: Candidate): number => tier ?? 0;

/** Why a candidate is out that would do for easier work. */
export const tooWeak: Reason = {
  kind: 'forbidden',
  text: 'a stronger model that the request is worth can take it',
};

/** Work that is worth a strong model waits for one rather than being done badly at once. */
const strongEnough: Filter = ({ auto }, candidate) =>
  auto === undefined || tierOf(candidate) >= auto.wanted || tooWeak;

/** The wanted tier, then the next stronger ones, then the weaker ones. */
const byStrength: Tier = {
  name: 'strength',
  rank: ({ auto }, candidate) => {
    const tier = tierOf(candidate);
    const wanted = auto?.wanted ?? 0;
    return tier >= wanted ? tier - wanted : (auto?.tiers.length ?? 0) + wanted - tier;
  },
};

const byPreference: Tier = {
  name: 'preferred',
  rank: (ask, candidate) => (ask.preferred === undefined || isPreferred(ask, candidate) ? 0 : 1),
};

const scorersOf = (weights: ChoiceWeights): readonly WeightedScorer[] => [
  { name: 'performance', weight: weights.performance, score: performance },
  { name: 'cost', weight: weights.cost, score: cheapest },
  { name: 'reliability', weight: weights.reliability, score: dependable },
  { name: 'capabilities', weight: weights.capabilities, score: suited },
];

const passes = (ask: Ask, candidate: Candidate, snapshot: Snapshot): boolean =>
  filters.every((filter) => filter(ask, candidate, snapshot) === true);

/** Chooses a model and a host in one: the tier by what the request needs, among equals by weighted scores. */
export const autoPolicy: Policy = {
  name: 'auto',
  summary: 'the model that the request needs, then the best of its hosts',
  filters: [],
  tiers: [],
  scorers: [],
  pick: highestRotating,
  choose: (ask, eligible, snapshot) => {
    const { auto } = ask;
    const wanted = auto?.wanted ?? 0;
    const isStrong = (candidate: Candidate): boolean => tierOf(candidate) >= wanted;
    const hasStrong = eligible.some((candidate) => isStrong(candidate) && passes(ask, candidate, snapshot));
    const policy: Policy = {
      name: auto?.tiers[wanted] ?? 'any',
      summary: '',
      filters: hasStrong && wanted > 0 ? [...filters, strongEnough] : filters,
      tiers: [byStrength, byPreference],
      scorers: auto === undefined ? [] : scorersOf(auto.weights),
      pick: highestRotating,
    };
    return { policy, because: auto?.because ?? 'the model is left open' };
  },
};

/** A policy with the limits of one request in front of its own filters. */
export const constrained = (policy: Policy): Policy => {
  const narrowed = (one: Policy): Policy => ({ ...one, filters: [withinConstraints, ...one.filters] });
  return policy.choose === undefined ? narrowed(policy) : changingChoice(policy, narrowed);
};
