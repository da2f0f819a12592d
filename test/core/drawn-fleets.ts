import fc from 'fast-check';
import { closedBreaker } from '../../src/core/breaker.ts';
import type { Ask, Candidate, Snapshot } from '../../src/core/candidate.ts';
import { healthyPair } from '../../src/core/health.ts';
import { ask, candidate, rates } from './candidates.ts';

const drawnRates = fc
  .record({
    prefillTokensPerSecond: fc.double({ min: 1, max: 1e5, noNaN: true }),
    decodeTokensPerSecond: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
    decodeSlope: fc.double({ min: 0, max: 2, noNaN: true }),
    loadMs: fc.double({ min: 1, max: 1e6, noNaN: true }),
    firstTokenRatio: fc.double({ min: 1, max: 32, noNaN: true }),
    samples: fc.nat(20),
    updatedAt: fc.nat(2000),
  })
  .map(rates);

const drawnPair = fc.record({
  absentUntil: fc.constantFrom(0, 0, 0, 5000),
  busyUntil: fc.constantFrom(0, 0, 0, 5000),
  breaker: fc.constantFrom(
    closedBreaker,
    closedBreaker,
    { ...closedBreaker, state: 'ramp' as const, since: 500 },
    {
      state: 'open' as const,
      epoch: 2,
      openedEpoch: 2,
      openings: 1,
      until: 5000,
      reason: 'timed out',
      failures: 3,
      probe: undefined,
    },
  ),
});

const drawnCandidate = fc
  .record({
    kind: fc.constantFrom('ollama', 'docker-model-runner', 'openai-compatible', 'peer'),
    lane: fc.constantFrom('gpu', 'cpu', 'container', 'cloud', 'peer'),
    zone: fc.constantFrom('local', 'local', 'cloud'),
    priority: fc.integer({ min: 0, max: 3 }),
    slots: fc.integer({ min: 1, max: 4 }),
    inflight: fc.integer({ min: 0, max: 5 }),
    speaks: fc.constantFrom(['ollama'], ['openai-chat'], ['ollama', 'openai-chat']),
    host: fc.constantFrom('up', 'up', 'up', 'down', 'unknown').map((state) => ({ state, failures: 0 })),
    pair: drawnPair.map((pair) => ({ ...healthyPair, ...pair })),
    residency: fc.constantFrom(
      { state: 'hot' },
      { state: 'cold' },
      { state: 'unknown' },
      { state: 'loading', remainingMs: 700 },
    ),
    rates: drawnRates,
    prefixHitTokens: fc.nat(2000),
    affinity: fc.constantFrom(0, 0.5, 1),
    region: fc.constantFrom(undefined, 'eu', 'us'),
    roundTripMs: fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: undefined }),
    price: fc.constantFrom(undefined, { inputPerMillion: 2, outputPerMillion: 10 }),
    weight: fc.constantFrom(undefined, 0, 1, 5),
    reliability: fc.double({ min: 0, max: 1, noNaN: true }),
    freeVramBytes: fc.constantFrom(undefined, 1e9, 2e10),
  })
  .map((drawn) => drawn as Omit<Candidate, 'backend' | 'upstream' | 'card'>);

/** Up to a dozen hosts in any state, at time 1000. */
export const drawnSnapshot: fc.Arbitrary<Snapshot> = fc
  .array(drawnCandidate, { maxLength: 12 })
  .map((drawn) => ({
    now: 1000,
    candidates: drawn.map((each, index) => candidate({ ...each, backend: `b${index}` })),
  }));

/** Any request; most leave every lane and zone open. */
export const drawnAsk: fc.Arbitrary<Ask> = fc
  .record({
    operation: fc.constantFrom('chat', 'complete', 'embed'),
    stream: fc.boolean(),
    intent: fc.constantFrom('fast', 'heavy'),
    mode: fc.constantFrom('hybrid', 'hybrid', 'single', 'fallback_only', 'local_only'),
    localOnly: fc.boolean(),
    inputTokens: fc.nat(20_000),
    outputTokens: fc.integer({ min: 1, max: 4000 }),
    preferred: fc.constantFrom(undefined, 'ollama', 'docker-model-runner', 'b1'),
    region: fc.constantFrom(undefined, 'eu', 'us'),
    deadlineAt: fc.constantFrom(undefined, undefined, 3000, 500),
    limits: fc.constantFrom({}, { maxFirstTokenMs: 2000 }, { minReliability: 0.5 }),
    tried: fc.subarray(['b0', 'b1', 'b2']),
  })
  .map((drawn) => ask(drawn as Partial<Ask>));
