import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { closedPair } from '../../src/core/health.ts';

/** A healthy idle candidate, with what a test changes. */
export const candidate = (changes: Partial<Candidate> & { readonly backend: string }): Candidate => ({
  upstream: 'm',
  card: { name: 'm' },
  kind: 'ollama',
  lane: 'gpu',
  zone: 'local',
  priority: 1,
  slots: 1,
  inflight: 0,
  speaks: ['ollama'],
  host: { state: 'up', failures: 0 },
  pair: closedPair,
  ...changes,
});

/** A plain chat request, with what a test changes. */
export const ask = (changes: Partial<Ask> = {}): Ask => ({
  model: 'm',
  operation: 'chat',
  protocol: 'ollama',
  intent: 'fast',
  needs: [],
  localOnly: false,
  tried: [],
  ...changes,
});
