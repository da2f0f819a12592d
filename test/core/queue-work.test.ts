import { describe, expect, test } from 'bun:test';
import { plan } from '../../src/core/plan.ts';
import { type PolicyName, policies } from '../../src/core/policies.ts';
import { type QueueWork, slackOf, workOf } from '../../src/core/queue-work.ts';
import { ask, candidate, rates } from './candidates.ts';

/** 1 s to read and 2 s to write, by each of two at once. */
const fast = candidate({ backend: 'fast', slots: 2, inflight: 2 });
/** Three times as slow. */
const slowRates = { prefillTokensPerSecond: 1000 / 3, decodeTokensPerSecond: 50 / 3 };
const slow = candidate({ backend: 'slow', slots: 1, rates: rates(slowRates) });

const planned = (candidates: readonly (typeof fast)[], policy: PolicyName = 'expected_finish') =>
  plan(ask(), { now: 1000, candidates }, policies[policy], 0);

const workOn = (candidates: readonly (typeof fast)[]): QueueWork => workOf(ask(), planned(candidates), 1000);

describe('a request as work for the hosts that can serve it', () => {
  test('takes as long as on the fastest of them, whose slots the others count as parts of', () => {
    const work = workOn([fast, slow]);
    expect(work.workMs).toBeCloseTo(3000, 6);
    expect(work.slots).toBeCloseTo(2 + 1 / 3, 6);
    expect(work.busy).toBeCloseTo(2, 6);
    expect(work.measured).toBe(true);
  });

  test('takes longer where all slots in use slow each other down', () => {
    const shared = candidate({ ...fast, rates: rates({ decodeSlope: 0.5 }) });
    expect(workOn([shared]).workMs).toBeCloseTo(4000, 6);
  });

  test('has nothing to write where it asks for vectors', () => {
    const embed = ask({ operation: 'embed' });
    const decided = plan(embed, { now: 1000, candidates: [fast] }, policies.expected_finish, 0);
    expect(workOf(embed, decided, 1000).workMs).toBeCloseTo(1000, 6);
  });

  test('is not known where a speed was not measured, and is none where nobody can serve it', () => {
    expect(workOn([fast, candidate({ ...slow, rates: rates({ samples: 0 }) })]).measured).toBe(false);
    expect(workOn([])).toEqual({ workMs: 0, slots: 0, busy: 0, measured: false });
  });
});

describe('how much later others may come and go first', () => {
  const slackAt = (workMs: number, policy?: PolicyName): number =>
    slackOf({ workMs, slots: 1, busy: 0, measured: true }, planned([fast], policy));

  test('grows with the work, up to a minute', () => {
    expect([0, 1000, 2000, 1e6].map((workMs) => slackAt(workMs))).toEqual([0, 8000, 16_000, 60_000]);
  });

  test('is nothing under a policy that does not go by time', () => {
    expect(slackAt(1000, 'round_robin')).toBe(0);
    expect(slackAt(1000, 'least_loaded')).toBe(0);
  });
});
