/** Filters: the candidate keeps what the request, or its key, asks of a model. */

import type { Constraints } from '../../spec/choice.ts';
import type { Ask, Candidate } from '../candidate.ts';
import { answerDueMs } from '../estimate.ts';
import type { Filter, Reason } from '../policy.ts';
import { requestPrice } from '../scorers/cheapest.ts';

/** Names a model goes by, as far as the candidate knows. */
const goesBy = ({ upstream, name }: Candidate, names: readonly string[]): boolean => {
  const own = [upstream, name ?? upstream].map((each) => each.toLowerCase());
  return own.some((each) => names.includes(each) || names.includes(each.replace(/:latest$/, '')));
};

type Check = (limits: Constraints, ask: Ask, candidate: Candidate, now: number) => string | undefined;

const durationText = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${Math.round(milliseconds / 100) / 10} s`;

const checks: Readonly<Record<string, Check>> = {
  zone: ({ zone }, _ask, candidate) =>
    zone === undefined || candidate.zone === zone ? undefined : `it is in the zone ${candidate.zone}`,
  excluded_models: ({ excludedModels }, _ask, candidate) =>
    excludedModels !== undefined && goesBy(candidate, excludedModels) ? 'it is excluded' : undefined,
  required_capabilities: ({ requiredCapabilities }, _ask, { card }) => {
    const missing = requiredCapabilities?.filter((name) => card.capabilities?.includes(name) !== true) ?? [];
    return missing.length === 0 ? undefined : `it is not known to have ${missing.join(' and ')}`;
  },
  min_reliability: ({ minReliability }, _ask, { reliability }) =>
    minReliability === undefined || reliability >= minReliability
      ? undefined
      : `${Math.round(reliability * 100)} % of its requests end well`,
  max_cost_per_request: ({ maxCostPerRequest }, ask, candidate) => {
    const price = requestPrice(ask, candidate);
    return maxCostPerRequest === undefined || price <= maxCostPerRequest
      ? undefined
      : `it is expected to cost ${Number(price.toPrecision(3))}`;
  },
  max_latency_ms: ({ maxLatencyMs }, ask, candidate, now) => {
    if (maxLatencyMs === undefined) return undefined;
    const dueMs = answerDueMs(ask, candidate, now);
    return dueMs <= maxLatencyMs ? undefined : `it is expected after ${durationText(dueMs)}`;
  },
};

/** The constraints that exclude, in the order they are looked at: what never changes first. */
export const excludingConstraints: readonly string[] = Object.keys(checks);

/** Passes every candidate of a request without constraints; else the reason names the one that is not kept. */
export const withinConstraints: Filter = (ask, candidate, { now }) => {
  const { constraints } = ask;
  if (constraints === undefined) return true;
  for (const constraint of excludingConstraints) {
    const problem = checks[constraint]?.(constraints, ask, candidate, now);
    if (problem === undefined) continue;
    const reason: Reason = { kind: 'forbidden', text: `${constraint}: ${problem}`, constraint };
    return reason;
  }
  return true;
};
