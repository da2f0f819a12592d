import type { Candidate } from '../../src/core/candidate.ts';
import { decisionOf, endRecord, noteAttempt, noteRound, openRecord } from '../../src/core/decision.ts';
import { plan } from '../../src/core/plan.ts';
import { policies } from '../../src/core/policies.ts';
import type { Decision } from '../../src/spec/decision.ts';
import { ask, candidate } from '../core/candidates.ts';

const candidates: readonly Candidate[] = [
  candidate({ backend: 'gpu' }),
  candidate({ backend: 'cpu', lane: 'cpu', residency: { state: 'cold' } }),
  candidate({ backend: 'busy', inflight: 1 }),
  candidate({ backend: 'dead', host: { state: 'down', failures: 2, reason: 'connection refused' } }),
];

/** A request that failed on its first backend and was served by the second. */
export const recorded = (requestId: string): Decision => {
  const record = openRecord({ requestId, principal: 'laptop', model: 'm', atUnixMs: 1_700_000_000_000 });
  for (const [tried, chosen] of [
    [[], 'gpu'],
    [['gpu'], 'cpu'],
  ] as const) {
    const asked = ask({ tried });
    const snapshot = { now: 1000, candidates };
    const decided = plan(asked, snapshot, policies.expected_finish, 0);
    noteRound(record, { ask: asked, snapshot, plan: decided, policy: 'expected_finish', seed: 0, chosen });
  }
  noteAttempt(record, { backend: 'gpu', outcome: 'crash', afterMs: 70 });
  noteAttempt(record, { backend: 'cpu', outcome: 'served', afterMs: 12_000 });
  endRecord(record, {
    outcome: 'done',
    code: '200',
    queueMs: 0,
    firstContentMs: 12_100,
    durationMs: 90_000,
    inputTokens: 1003,
    outputTokens: 99,
  });
  return decisionOf(record);
};
