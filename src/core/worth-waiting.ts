/** Whether a request should wait for a full host although another one is free. Pure. */

import type { Ahead, Awaited } from './awaited-hosts.ts';
import type { Ask, Candidate } from './candidate.ts';
import { type Estimate, expectedFinish } from './estimate.ts';
import type { Plan } from './plan.ts';

/**
 * By how much waiting must shorten the whole. A free slot left idle is a loss to all who come after, and a load serves
 * them too, which simulated fleets show: asking for less makes the first tokens of everybody later. Heavy work and a
 * prompt that need not be read again take nothing from others by waiting.
 */
const sureGain = 0.5;
const plainGain = 0.2;

/** The longest a conversation is held to its host, beyond the time its cache saves there. */
const affinityWaitMs = 2000;

const keepsConversation = (
  ask: Ask,
  full: Candidate,
  { waitMs, prefillMs }: Estimate,
  now: number,
): boolean => {
  if (full.prefixHitTokens <= 0) return false;
  const wholeMs = expectedFinish(ask, { ...full, prefixHitTokens: 0 }, now).prefillMs;
  return waitMs <= affinityWaitMs + wholeMs - prefillMs;
};

/**
 * The full candidate to wait for rather than begin on the best free one, if the estimates say so. What it mostly prevents
 * is a model being loaded on a slow host, where it drives out another, while the host that holds it is free in seconds.
 * Ask again whenever a slot gets free and every few seconds, since a host that stalls is late for those who wait too.
 */
export const worthWaiting = (
  ask: Ask,
  { attempts, full, policy }: Plan,
  now: number,
  ahead: Ahead,
): Candidate | undefined => {
  const free = attempts[0]?.candidate;
  // A policy that does not go by time has no time to gain.
  if (free === undefined || full.length === 0 || policy.scorers[0]?.name !== 'soonest') return undefined;
  const freeMs = expectedFinish(ask, free, now).weighedMs;
  let best: Candidate | undefined;
  let bestMs = freeMs;
  for (const { candidate } of full) {
    const estimate = expectedFinish(ask, candidate, now, ahead(candidate.backend));
    if (estimate.weighedMs >= bestMs) continue;
    const plain = ask.intent === 'heavy' || keepsConversation(ask, candidate, estimate, now);
    if (estimate.weighedMs > freeMs * (1 - (plain ? plainGain : sureGain))) continue;
    best = candidate;
    bestMs = estimate.weighedMs;
  }
  return best;
};

/** What others have to know of a request that waits for that host. */
export const awaitedOf = (ask: Ask, candidate: Candidate, now: number): Awaited => {
  const { prefillMs, decodeMs } = expectedFinish(ask, candidate, now);
  return { backend: candidate.backend, serviceMs: prefillMs + decodeMs };
};
