import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { healthyPair } from '../../src/core/health.ts';
import { neutralRates, type PairRates } from '../../src/core/rates.ts';

/** Speeds as if measured often and just now, with what a test changes. */
export const rates = (changes: Partial<PairRates> = {}): PairRates => ({
  ...neutralRates('gpu', 5e9),
  prefillTokensPerSecond: 1000,
  decodeTokensPerSecond: 50,
  decodeSlope: 0,
  loadMs: 10_000,
  outputTokens: 200,
  samples: 10,
  updatedAt: 1000,
  ...changes,
});

/** A healthy idle candidate with the model in memory, with what a test changes. */
export const candidate = (changes: Partial<Candidate> & { readonly backend: string }): Candidate => ({
  upstream: 'm',
  card: { name: 'm', sizeBytes: 5e9 },
  kind: 'ollama',
  lane: 'gpu',
  zone: 'local',
  priority: 0,
  slots: 1,
  inflight: 0,
  speaks: ['ollama'],
  host: { state: 'up', failures: 0 },
  pair: healthyPair,
  residency: { state: 'hot' },
  rates: rates(),
  prefixHitTokens: 0,
  affinity: 0,
  region: undefined,
  roundTripMs: undefined,
  price: undefined,
  reliability: 1,
  freeVramBytes: undefined,
  ...changes,
});

/** A plain chat request of 1000 tokens for 100, with what a test changes. */
export const ask = (changes: Partial<Ask> = {}): Ask => ({
  model: 'm',
  operation: 'chat',
  protocol: 'ollama',
  stream: true,
  intent: 'fast',
  mode: 'hybrid',
  needs: [],
  localOnly: false,
  inputTokens: 1000,
  outputTokens: 100,
  sessionKey: undefined,
  preferred: undefined,
  region: undefined,
  deadlineAt: undefined,
  limits: {},
  tried: [],
  ...changes,
});
