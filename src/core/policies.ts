/** The named policies: one table of presets over the same parts. */

import { dockerKind, ollamaKind, optimalPolicy } from './auto-optimal.ts';
import { ofKind } from './filters/of-kind.ts';
import { withinLimits } from './filters/within-limits.ts';
import { highest, highestRotating, inTurn, shuffled, weighted } from './pickers.ts';
import type { Policy, WeightedScorer } from './policy.ts';
import { cheapest } from './scorers/cheapest.ts';
import { leastInflight } from './scorers/least-inflight.ts';
import { native } from './scorers/native.ts';
import { near } from './scorers/near.ts';
import { region } from './scorers/region.ts';
import { share } from './scorers/share.ts';
import { soonest } from './scorers/soonest.ts';
import { speed } from './scorers/speed.ts';
import { warm } from './scorers/warm.ts';
import { byHosting, byKind, byLane, byPriority } from './tiers.ts';

/** Steps between weights are powers, so that a later scorer only breaks the ties of an earlier one. */
const finishing: readonly WeightedScorer[] = [
  { name: 'soonest', weight: 1000, score: soonest },
  { name: 'native', weight: 1, score: native },
];

const none = { filters: [], tiers: [], scorers: [] } as const;

const presets = {
  expected_finish: {
    ...none,
    name: 'expected_finish',
    summary: 'the host expected to be done first: wait, load, prompt, answer and cost, from measured speeds',
    scorers: finishing,
    pick: highestRotating,
  },
  hybrid_docker_preferred: {
    ...none,
    name: 'hybrid_docker_preferred',
    summary: 'Docker Model Runner first, Ollama as the fallback; what a model prefers goes before both',
    tiers: [byKind(dockerKind, ollamaKind), byPriority, byLane],
    scorers: finishing,
    pick: highestRotating,
  },
  hybrid_ollama_preferred: {
    ...none,
    name: 'hybrid_ollama_preferred',
    summary: 'Ollama first, Docker Model Runner as the fallback; what a model prefers goes before both',
    tiers: [byKind(ollamaKind, dockerKind), byPriority, byLane],
    scorers: finishing,
    pick: highestRotating,
  },
  docker_only: {
    ...none,
    name: 'docker_only',
    summary: 'Docker Model Runner and nothing else, even when it is down',
    filters: [ofKind(dockerKind)],
    tiers: [byPriority, byLane],
    scorers: finishing,
    pick: highestRotating,
  },
  ollama_only: {
    ...none,
    name: 'ollama_only',
    summary: 'Ollama and nothing else, even when it is down',
    filters: [ofKind(ollamaKind)],
    tiers: [byPriority, byLane],
    scorers: finishing,
    pick: highestRotating,
  },
  priority: {
    ...none,
    name: 'priority',
    summary: 'lowest priority number first, then the lane that suits, then a loaded model, then free slots',
    tiers: [byPriority, byLane],
    scorers: [
      { name: 'warm', weight: 20, score: warm },
      { name: 'least-inflight', weight: 4, score: leastInflight },
      { name: 'native', weight: 1, score: native },
    ],
    pick: highest,
  },
  round_robin: {
    ...none,
    name: 'round_robin',
    summary: 'each eligible host in turn',
    pick: inTurn,
  },
  round_robin_priority: {
    ...none,
    name: 'round_robin_priority',
    summary:
      'in turn inside a tier: priority number, then hosts before containers before the cloud, then lane',
    tiers: [byPriority, byHosting, byLane],
    pick: inTurn,
  },
  least_loaded: {
    ...none,
    name: 'least_loaded',
    summary: 'the fewest requests per slot, failures counted as load, whatever the hardware',
    scorers: [
      { name: 'least-inflight', weight: 100, score: leastInflight },
      { name: 'warm', weight: 1, score: warm },
    ],
    pick: highestRotating,
  },
  performance_weighted: {
    ...none,
    name: 'performance_weighted',
    summary: 'by chance in proportion to measured tokens per second and time to the first token',
    scorers: [{ name: 'speed', weight: 1, score: speed }],
    pick: weighted,
  },
  geographic: {
    ...none,
    name: 'geographic',
    summary: "the caller's region first, then the shortest round trip",
    scorers: [
      { name: 'region', weight: 100, score: region },
      { name: 'near', weight: 10, score: near },
      { name: 'soonest', weight: 1, score: soonest },
    ],
    pick: highestRotating,
  },
  cost_optimized: {
    ...none,
    name: 'cost_optimized',
    summary: 'the cheapest that keeps the limits on time to the first token and on reliability',
    filters: [withinLimits],
    scorers: [
      { name: 'cheapest', weight: 1000, score: cheapest },
      { name: 'soonest', weight: 1, score: soonest },
    ],
    pick: highestRotating,
  },
  weighted_random: {
    ...none,
    name: 'weighted_random',
    summary: 'by chance in proportion to configured weights, or to slots',
    scorers: [{ name: 'share', weight: 1, score: share }],
    pick: weighted,
  },
  random: {
    ...none,
    name: 'random',
    summary: 'any eligible host, for comparison and tests',
    pick: shuffled,
  },
} as const satisfies Record<string, Policy>;

/** Every policy by its name. */
export const policies = {
  ...presets,
  auto_optimal: {
    ...presets.expected_finish,
    name: 'auto_optimal',
    summary: 'one of the above, by which kinds are reachable and how much is measured',
    choose: (_ask, eligible, { now }) => {
      const { name, because } = optimalPolicy(eligible, now);
      return { policy: presets[name], because };
    },
  },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

/** The names configuration and requests may use, in the order they are shown. */
export const policyNames = Object.keys(policies) as readonly PolicyName[];

/** Whether there is a policy of that name. */
export const isPolicyName = (name: string): name is PolicyName => Object.hasOwn(policies, name);
