/** Scorer: ends soonest, all things weighed. Imports this folder's estimate. */

import type { Candidate } from '../candidate.ts';
import { expectedFinish } from '../estimate.ts';
import type { Scorer } from '../policy.ts';

/** Where the score is one half. */
const halfMs = 10_000;

/**
 * A host nobody has asked yet is taken to be as fast as the fastest known one of its lane: were it held to what is
 * assumed of strangers, the first that proves faster than that would be asked for ever, and its equals never.
 */
export const hopeful = (candidate: Candidate, candidates: readonly Candidate[]): Candidate => {
  const { rates, lane } = candidate;
  if (rates.samples > 0) return candidate;
  let { prefillTokensPerSecond, decodeTokensPerSecond } = rates;
  for (const other of candidates) {
    if (other.lane !== lane || other.rates.samples === 0) continue;
    prefillTokensPerSecond = Math.max(prefillTokensPerSecond, other.rates.prefillTokensPerSecond);
    decodeTokensPerSecond = Math.max(decodeTokensPerSecond, other.rates.decodeTokensPerSecond);
  }
  return { ...candidate, rates: { ...rates, prefillTokensPerSecond, decodeTokensPerSecond } };
};

/** 1 / (1 + expected finish / 10 s): strictly falling, so that a faster host is never behind a slower one. */
export const soonest: Scorer = (ask, candidates, { now }) =>
  candidates.map((candidate) => {
    const { weighedMs } = expectedFinish(ask, hopeful(candidate, candidates), now);
    return halfMs / (halfMs + weighedMs);
  });
