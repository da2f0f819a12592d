import { describe, expect, test } from 'bun:test';
import { policies, policyNames } from '../../src/core/policies.ts';
import { policyProblem, reweighted, weightProblem } from '../../src/core/policy-problems.ts';

const ollama = { kind: 'ollama' };
const docker = { kind: 'docker-model-runner' };

describe('a policy that could never choose is found at start', () => {
  test('both kinds present leave nothing to say', () => {
    const backends = [{ ...ollama, region: 'eu' }, docker];
    for (const name of policyNames) expect(policyProblem(name, backends)).toBeUndefined();
  });

  test('one kind only, and it is not there', () => {
    expect(policyProblem('docker_only', [ollama])).toBe(
      'docker_only can never choose: no backend is of kind docker-model-runner',
    );
    expect(policyProblem('ollama_only', [docker])).toBe(
      'ollama_only can never choose: no backend is of kind ollama',
    );
  });

  test('regions without labels', () => {
    expect(policyProblem('geographic', [ollama, docker])).toBe(
      'geographic needs a region on at least one backend',
    );
  });

  test('weights that are negative, no numbers, or all zero', () => {
    const problem = (...weights: (number | undefined)[]) =>
      policyProblem(
        'weighted_random',
        weights.map((weight) => ({ ...ollama, weight })),
      );
    expect(problem(1, -1)).toBe('a weight is not a number from 0 on');
    expect(problem(Number.NaN)).toBe('a weight is not a number from 0 on');
    expect(problem(Infinity)).toBe('a weight is not a number from 0 on');
    expect(problem(0, 0)).toBe('all weights are 0');
    expect(problem(0, undefined)).toBeUndefined();
  });
});

describe('the weights of scorers', () => {
  test('a scorer the policy does not have is named with those it has', () => {
    expect(weightProblem(policies.geographic, { lane: 1 })).toBe(
      'geographic has no scorer lane: region, near, soonest',
    );
    expect(weightProblem(policies.random, { lane: 1 })).toBe('random has no scorer lane: it has none');
  });

  test('negative and all zero make no policy, one zero does', () => {
    expect(weightProblem(policies.geographic, { near: -1 })).toBe(
      'the weight of near is not a number from 0 on',
    );
    expect(weightProblem(policies.geographic, { near: 0, region: 0, soonest: 0 })).toBe('all weights are 0');
    expect(weightProblem(policies.geographic, { near: 0 })).toBeUndefined();
    expect(weightProblem(policies.round_robin, {})).toBeUndefined();
  });

  test('other weights replace those named and leave the rest', () => {
    const { scorers, name, pick } = reweighted('geographic', { near: 500 });
    expect(scorers.map((each) => [each.name, each.weight])).toEqual([
      ['region', 100],
      ['near', 500],
      ['soonest', 1],
    ]);
    expect([name, pick]).toEqual(['geographic', policies.geographic.pick]);
  });
});
