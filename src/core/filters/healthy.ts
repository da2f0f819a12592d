/** Filter: the host answers, the model fits there, and the pair's breaker lets a request through. Imports spec. */

import type { Millis } from '../../spec/vocabulary.ts';
import { admits, isResting } from '../breaker.ts';
import type { Ask, Candidate } from '../candidate.ts';
import { type PinFacts, pinned, trialAllowed, underPressure } from '../pins.ts';
import type { Filter, Reason } from '../policy.ts';

const seconds = (durationMs: number): string => `${Math.max(1, Math.ceil(durationMs / 1000))} s`;

const unavailable = (text: string): Reason => ({ kind: 'unavailable', text });

const pinFacts = (ask: Ask, { card, freeVramBytes, residency }: Candidate): PinFacts => ({
  contextTokens: ask.contextTokens,
  needBytes: card.sizeBytes,
  freeBytes: freeVramBytes,
  resident: residency.state === 'hot',
});

/** The reason of the pin, if it stands in the way; after its time the model is loaded only where nothing can be lost. */
const unfit = (ask: Ask, candidate: Candidate, now: Millis): Reason | undefined => {
  const { pin } = candidate.pair;
  if (pin === undefined) return undefined;
  const facts = pinFacts(ask, candidate);
  if (pinned(pin, facts, now)) {
    return unavailable(`the model did not fit into its memory: not tried for ${seconds(pin.until - now)}`);
  }
  return trialAllowed(pin, facts, candidate.inflight, now)
    ? undefined
    : unavailable('the model did not fit into its memory: tried again when the host is idle');
};

/** What not even a trial of last resort may pass over: it would be lost, or cost a host what it holds. */
export const ruledOut = (ask: Ask, candidate: Candidate, now: Millis): Reason | undefined => {
  const { host, pair, residency } = candidate;
  if (host.state === 'down') return unavailable(`down: ${host.reason ?? 'no answer'}`);
  if (pair.absentUntil > now) return unavailable('the model is not there any more');
  if (pair.keyless !== undefined) return unavailable(pair.keyless.reason);
  if ((pair.refusedUntil ?? 0) > now) return unavailable('it refuses the configured credentials');
  if (residency.state === 'cold' && underPressure(host.pressure, now)) {
    return unavailable('short of memory: it loads nothing new for a while');
  }
  return unfit(ask, candidate, now);
};

/** An unknown host passes: it is asked rather than held to be dead. */
export const healthy: Filter = (ask, candidate, { now }) => {
  const reason = ruledOut(ask, candidate, now);
  if (reason !== undefined) return reason;
  const { breaker, busyUntil } = candidate.pair;
  if (busyUntil > now) return unavailable(`busy for ${seconds(busyUntil - now)}`);
  if (!isResting(breaker) || admits(breaker, now) !== 'no') return true;
  const after = `after ${breaker.failures} failures: ${breaker.reason}`;
  return unavailable(
    breaker.probe === undefined
      ? `set aside for ${seconds(breaker.until - now)} ${after}`
      : `being tried again ${after}`,
  );
};
