/** What would fit if one constraint were given up: for whoever is told that nothing fits. Pure; imports spec. */

import type { Constraints } from '../../spec/choice.ts';
import type { Ask, Candidate, Snapshot } from '../candidate.ts';
import { type Plan, plan } from '../plan.ts';
import type { Policy } from '../policy.ts';

/** One constraint, who fails it, and who could serve without it. */
export interface Relaxation {
  readonly constraint: string;
  /** Candidates it leaves out, with the reason of each. */
  readonly excluded: readonly string[];
  /** Models on hosts that could take the request if it were not set. */
  readonly would: readonly string[];
}

const without: Readonly<Record<string, keyof Constraints>> = {
  max_latency_ms: 'maxLatencyMs',
  max_cost_per_request: 'maxCostPerRequest',
  min_reliability: 'minReliability',
  required_capabilities: 'requiredCapabilities',
  excluded_models: 'excludedModels',
  zone: 'zone',
};

const nameOf = ({ backend, upstream, name }: Candidate): string => `'${name ?? upstream}' on ${backend}`;

/** By constraint that left somebody out, in the order they were met; empty where none did. */
export const relaxations = (
  ask: Ask,
  snapshot: Snapshot,
  policy: Policy,
  decided: Plan,
): readonly Relaxation[] => {
  const { constraints } = ask;
  if (constraints === undefined) return [];
  const excluded = new Map<string, string[]>();
  for (const { candidate, reason } of decided.rejected) {
    if (reason.constraint === undefined) continue;
    const list = excluded.get(reason.constraint) ?? [];
    list.push(`${nameOf(candidate)}: ${reason.text.slice(reason.constraint.length + 2)}`);
    excluded.set(reason.constraint, list);
  }
  return [...excluded].map(([constraint, names]) => {
    const member = without[constraint];
    const relaxed = member === undefined ? constraints : { ...constraints, [member]: undefined };
    const again = plan({ ...ask, constraints: relaxed }, snapshot, policy, 0);
    const would = [...again.attempts, ...again.full].map(({ candidate }) => nameOf(candidate));
    return { constraint, excluded: names, would };
  });
};
