import {
  type Breaker,
  closedBreaker,
  isResting,
  onFailure,
  onStart,
  onSuccess,
} from '../../src/core/breaker.ts';
import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { healthyPair } from '../../src/core/health.ts';
import { neutralRates } from '../../src/core/rates.ts';

/** The dice's middle, which makes an opening exactly as long as its formula says. */
export const noJitter = 0.5;

export const breakerSettings = { failures: 3, openMs: 5_000, maxOpenMs: 120_000 };

/** A breaker that opened so many times in a row, the last time at `at`. */
export const openBreaker = (at: number, times = 1): Breaker => {
  let breaker: Breaker = closedBreaker;
  for (let opening = 0; opening < times; opening += 1) {
    breaker = onStart(breaker);
    const now = opening === times - 1 ? at : isResting(breaker) ? breaker.until : at - 1_000_000;
    const failure = { ticket: breaker.epoch, weight: 3, reason: 'the runner died' };
    breaker = onFailure(breaker, failure, breakerSettings, now, noJitter);
  }
  return breaker;
};

/** A breaker that opened at `at` and was tried well once. */
export const halfOpenBreaker = (at: number): Breaker => {
  const started = onStart(openBreaker(at));
  return onSuccess(started, started.epoch, at + 5_000);
};

/** A candidate nothing stands in the way of, with what a test changes. */
export const wellCandidate = (changes: Partial<Candidate> = {}): Candidate => ({
  backend: 'host',
  upstream: 'm',
  card: { name: 'm', sizeBytes: 1_000 },
  kind: 'ollama',
  lane: 'gpu',
  zone: 'local',
  priority: 1,
  slots: 2,
  inflight: 0,
  speaks: ['ollama'],
  host: { state: 'up', failures: 0 },
  pair: healthyPair,
  residency: { state: 'hot' },
  rates: neutralRates('gpu', 1_000),
  prefixHitTokens: 0,
  affinity: 0,
  region: undefined,
  roundTripMs: undefined,
  price: undefined,
  reliability: 1,
  freeVramBytes: undefined,
  ...changes,
});

/** A plain request, with what a test changes. */
export const plainAsk = (changes: Partial<Ask> = {}): Ask => ({
  model: 'm',
  operation: 'chat',
  protocol: 'ollama',
  stream: true,
  intent: 'fast',
  mode: 'hybrid',
  needs: [],
  localOnly: false,
  inputTokens: 10,
  outputTokens: 10,
  sessionKey: undefined,
  preferred: undefined,
  region: undefined,
  deadlineAt: undefined,
  limits: {},
  tried: [],
  ...changes,
});
