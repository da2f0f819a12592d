import { describe, expect, test } from 'bun:test';
import type { Candidate } from '../../src/core/candidate.ts';
import { plan } from '../../src/core/plan.ts';
import { type PolicyName, policies } from '../../src/core/policies.ts';
import type { RecordedDecision } from '../../src/core/read-decision.ts';
import { type ReplaySettings, replay } from '../../src/core/replay.ts';
import { spreadOf } from '../../src/core/replay-summary.ts';
import type { DecisionEnd } from '../../src/spec/decision.ts';
import { ask, candidate, rates } from './candidates.ts';
import { modelSettings } from './model-settings.ts';

const slow = candidate({ backend: 'slow', lane: 'cpu', rates: rates({ prefillTokensPerSecond: 100 }) });
const quick = candidate({ backend: 'quick', priority: 1 });
const far = candidate({ backend: 'far', zone: 'cloud', lane: 'cloud', priority: 5 });

const end = (firstContentMs: number): DecisionEnd => ({
  outcome: 'done',
  code: '200',
  queueMs: 0,
  firstContentMs,
  durationMs: firstContentMs + 2000,
});

const decision = (
  requestId: string,
  candidates: readonly Candidate[],
  chosen: string | undefined,
  ended: DecisionEnd | undefined,
): RecordedDecision => ({
  requestId,
  model: 'm',
  rounds: [{ ask: ask(), snapshot: { now: 1000, candidates }, seed: 0, policy: 'priority', chosen }],
  attempts: [],
  end: ended,
});

const settings = (strategy: PolicyName, changes: Partial<ReplaySettings> = {}): ReplaySettings => ({
  strategy,
  weights: {},
  requests: { policy: false, intentSuffixes: false },
  models: [],
  backends: [],
  limits: {},
  ...changes,
});

const backend = { kind: 'ollama', url: 'http://h', lane: 'gpu', zone: 'local', simulated: false } as const;

describe('a replay', () => {
  test('keeps what was measured where the choice is the same, and estimates where it is another', () => {
    const { requests, summary } = replay(
      [decision('r1', [slow, quick], 'slow', end(11_500)), decision('r2', [quick, far], 'quick', end(1200))],
      settings('expected_finish'),
    );
    expect(requests).toMatchObject([
      {
        requestId: 'r1',
        recorded: { backend: 'slow', firstContentMs: 11_500, estimatedFirstContentMs: 10_000 },
        other: {
          backend: 'quick',
          start: 'at-once',
          basis: 'estimate',
          firstContentMs: 1000,
          durationMs: 3000,
        },
      },
      {
        requestId: 'r2',
        recorded: { backend: 'quick', outcome: 'done' },
        other: { backend: 'quick', basis: 'measured', firstContentMs: 1200, durationMs: 3200 },
      },
    ]);
    expect(summary).toMatchObject({ requests: 2, same: 1, elsewhere: 1, nowhere: 0, estimates: 1 });
    expect(summary.firstContent.recorded?.meanMs).toBe(6350);
    expect(summary.firstContent.recordedAsEstimated?.meanMs).toBe(5500);
    expect(summary.firstContent.other?.meanMs).toBe(1100);
    expect(summary.backends).toEqual([
      { backend: 'quick', recorded: 1, other: 2 },
      { backend: 'slow', recorded: 1, other: 0 },
    ]);
  });

  test('tells what would wait, and what no host would serve', () => {
    const busy = candidate({ backend: 'quick', inflight: 1 });
    const { requests, summary } = replay(
      [decision('r1', [busy], 'quick', end(3000)), decision('r2', [quick], 'quick', end(1000))],
      settings('docker_only'),
    );
    expect(requests.map(({ other }) => [other.start, other.basis, other.why])).toEqual([
      ['nowhere', 'none', 'no eligible host'],
      ['nowhere', 'none', 'no eligible host'],
    ]);
    expect(summary).toMatchObject({ nowhere: 2, same: 0, elsewhere: 0, estimates: 0 });
    expect(summary.firstContent.other).toBeUndefined();
    const [waits] = replay([decision('r1', [busy], 'quick', end(3000))], settings('random')).requests;
    expect(waits?.other).toMatchObject({ backend: 'quick', start: 'waits', basis: 'measured' });
  });

  test('takes weights, preferences, zones and what is configured of backends from the settings', () => {
    const seen = [decision('r1', [slow, quick, far], 'slow', end(1))];
    const choice = (given: ReplaySettings) => replay(seen, given).requests[0]?.other.backend;
    expect(choice(settings('priority'))).toBe('slow');
    const ranked = { ...backend, id: 'quick', priority: -1 };
    expect(choice(settings('priority', { backends: [ranked] }))).toBe('quick');
    const model = modelSettings({ name: 'm', strategy: 'round_robin_priority' });
    expect(choice(settings('priority', { backends: [ranked], models: [model] }))).toBe('quick');
    const preferring = modelSettings({ name: 'm', preferred: 'far' });
    const hybrid = settings('hybrid_ollama_preferred', { models: [preferring] });
    expect(choice(hybrid)).toBe('far');
    expect(choice({ ...hybrid, models: [{ ...preferring, localOnly: true }] })).toBe('slow');
    expect(choice(settings('cost_optimized', { limits: { maxFirstTokenMs: 2000 } }))).toBe('quick');
  });

  test('under the recorded policy chooses what was recorded', () => {
    const candidates = [slow, quick, far];
    for (const [name, policy] of Object.entries(policies)) {
      const chosen = plan(ask(), { now: 1000, candidates }, policy, 0).attempts[0]?.candidate.backend;
      const { summary } = replay([decision('r1', candidates, chosen, end(1))], settings(name as PolicyName));
      expect([name, summary.elsewhere]).toEqual([name, 0]);
    }
  });

  test('counts what was refused before any host was looked at', () => {
    const empty = { ...decision('r1', [], undefined, undefined), rounds: [] };
    expect(replay([empty], settings('random'))).toMatchObject({ unplanned: 1, requests: [] });
  });
});

describe('a spread', () => {
  test('is of what is known', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(spreadOf([...hundred, undefined])).toEqual({ count: 100, meanMs: 50.5, p50Ms: 50, p95Ms: 95 });
    expect(spreadOf([7])).toEqual({ count: 1, meanMs: 7, p50Ms: 7, p95Ms: 7 });
    expect(spreadOf([undefined])).toBeUndefined();
  });
});
