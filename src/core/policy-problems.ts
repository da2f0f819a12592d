/** What makes a policy useless for a configuration, found at start rather than at the first request. Pure. */

import { dockerKind, ollamaKind } from './auto-optimal.ts';
import { type PolicyName, policies } from './policies.ts';
import type { Policy } from './policy.ts';

/** What a policy needs to know of a configured backend. */
export interface ConfiguredBackend {
  readonly kind: string;
  readonly region?: string | undefined;
  readonly weight?: number | undefined;
}

const kindOf: Partial<Record<PolicyName, string>> = { docker_only: dockerKind, ollama_only: ollamaKind };

const shareProblem = (backends: readonly ConfiguredBackend[]): string | undefined => {
  const weights = backends.map(({ weight }) => weight ?? 1);
  if (weights.some((weight) => !(weight >= 0 && weight < Infinity)))
    return 'a weight is not a number from 0 on';
  return backends.length > 0 && weights.every((weight) => weight === 0) ? 'all weights are 0' : undefined;
};

/** Why the policy could never choose among these backends, or would choose by nothing; undefined where it can. */
export const policyProblem = (
  name: PolicyName,
  backends: readonly ConfiguredBackend[],
): string | undefined => {
  const kind = kindOf[name];
  if (kind !== undefined && !backends.some((backend) => backend.kind === kind)) {
    return `${name} can never choose: no backend is of kind ${kind}`;
  }
  if (name === 'geographic' && backends.every(({ region }) => region === undefined)) {
    return 'geographic needs a region on at least one backend';
  }
  return name === 'weighted_random' ? shareProblem(backends) : undefined;
};

/** By scorer; those not named keep the policy's own weight. */
export type ScorerWeights = Readonly<Record<string, number>>;

/** Why these weights make no policy; undefined where they do. */
export const weightProblem = (policy: Policy, weights: ScorerWeights): string | undefined => {
  const names = policy.scorers.map(({ name }) => name);
  for (const [name, weight] of Object.entries(weights)) {
    if (!names.includes(name))
      return `${policy.name} has no scorer ${name}: ${names.join(', ') || 'it has none'}`;
    if (!(weight >= 0 && weight < Infinity)) return `the weight of ${name} is not a number from 0 on`;
  }
  const all = policy.scorers.map(({ name, weight }) => weights[name] ?? weight);
  return all.length > 0 && all.every((weight) => weight === 0) ? 'all weights are 0' : undefined;
};

/** The policy with other weights, which `weightProblem` found nothing wrong with. */
export const reweighted = (name: PolicyName, weights: ScorerWeights): Policy => {
  const policy: Policy = policies[name];
  return {
    ...policy,
    scorers: policy.scorers.map((scorer) => ({ ...scorer, weight: weights[scorer.name] ?? scorer.weight })),
  };
};
