/** What of a request gets lost on the way to a host that speaks another dialect, and what the planner makes of it. Pure. */

import type { Loss } from '../spec/decision.ts';
import type { Ask, Candidate } from './candidate.ts';
import type { Filter, Tier } from './policy.ts';

/**
 * Fields that say something of the request and nothing of its answer: to lose one is told, and is no reason to choose
 * another host.
 */
const bookkeeping: ReadonlySet<string> = new Set([
  'user',
  'metadata',
  'store',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'keep_alive',
  'labels',
  'tool_choice.disable_parallel_tool_use',
  'cache_control',
]);

const matters = (field: string): boolean =>
  !bookkeeping.has(field) && !bookkeeping.has(field.slice(field.lastIndexOf('.') + 1));

/** What would be lost there; undefined where nothing is, or nobody looked because little could be. */
export const lossOf = ({ losses, protocol }: Ask, { speaks }: Candidate): Loss | undefined => {
  if (losses === undefined || speaks.includes(protocol)) return undefined;
  const [wire] = speaks;
  return wire === undefined ? undefined : losses[wire];
};

/** Rejects hosts that cannot be told the request, and lossy ones where the caller would rather have none. */
export const carriesRequest: Filter = (ask, candidate) => {
  const loss = lossOf(ask, candidate);
  if (loss === undefined) return true;
  if (loss.refusal !== undefined) return { kind: 'incapable', text: loss.refusal };
  if (ask.strict !== true || loss.dropped.length === 0) return true;
  return { kind: 'incapable', text: `it would lose ${loss.dropped.join(', ')}` };
};

/** What loses nothing that matters goes first. */
export const byLoss: Tier = {
  name: 'loss',
  rank: (ask, candidate) => (lossOf(ask, candidate)?.dropped.some(matters) ? 1 : 0),
};

/** The tiers of a policy, with that of losses behind them where any were looked for. */
export const tiersFor = ({ losses }: Ask, tiers: readonly Tier[]): readonly Tier[] =>
  losses === undefined ? tiers : [...tiers, byLoss];
