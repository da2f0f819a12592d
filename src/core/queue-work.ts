/**
 * How much work a request is, and how much of it the hosts do at once: what waits are foretold by, and who may overtake
 * whom. Pure; imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';
import type { Ask } from './candidate.ts';
import type { Plan } from './plan.ts';
import { ratesAt, serviceMs } from './rates.ts';

/** One request as work for the hosts that can serve it. */
export interface QueueWork {
  /** How long it holds a slot where that is shortest, with all slots there in use. */
  readonly workMs: Millis;
  /** The slots of all hosts, each counted as the part of such a slot that it does the work of. */
  readonly slots: number;
  /** Of those slots, how many are in use. */
  readonly busy: number;
  /** Whether the speeds of those hosts were measured. */
  readonly measured: boolean;
}

/** What a request is to the hosts of its plan. */
export const workOf = (ask: Ask, { attempts, full }: Plan, now: Millis): QueueWork => {
  const outputTokens = ask.operation === 'embed' ? 0 : ask.outputTokens;
  const tokens = { inputTokens: ask.inputTokens, outputTokens };
  let workMs = Infinity;
  let perMs = 0;
  let busyPerMs = 0;
  let measured = true;
  for (const list of [attempts, full]) {
    for (const { candidate } of list) {
      const { slots, inflight } = candidate;
      const hereMs = serviceMs(ratesAt(candidate.rates, now), tokens, slots);
      workMs = Math.min(workMs, hereMs);
      perMs += slots / hereMs;
      busyPerMs += Math.min(inflight, slots) / hereMs;
      measured &&= candidate.rates.samples > 0;
    }
  }
  if (workMs === Infinity) return { workMs: 0, slots: 0, busy: 0, measured: false };
  return { workMs, slots: perMs * workMs, busy: busyPerMs * workMs, measured };
};

/** How many times as long as it works a request may be kept waiting by shorter ones. */
const slackFactor = 8;
/** As long as a person waits where configuration says nothing else. */
const maxSlackMs: Millis = 60_000;

/**
 * How much later than it a request of the same key may come and still go first: the longer it works, the later. In a line
 * by arrival everybody waits as long as the longest take; so most wait a fraction of that, and the long ones hardly
 * longer. Only where the policy goes by time, which others do not know.
 */
export const slackOf = ({ workMs }: QueueWork, { policy }: Plan): Millis =>
  policy.scorers[0]?.name === 'soonest' ? Math.min(maxSlackMs, slackFactor * workMs) : 0;
