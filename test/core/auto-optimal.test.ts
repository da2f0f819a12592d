import { describe, expect, test } from 'bun:test';
import type { Candidate } from '../../src/core/candidate.ts';
import { type Plan, plan } from '../../src/core/plan.ts';
import { policies } from '../../src/core/policies.ts';
import { neutralRates } from '../../src/core/rates.ts';
import { ask, candidate, rates } from './candidates.ts';

type Hosts = Readonly<Record<string, Partial<Candidate>>>;

const docker = { kind: 'docker-model-runner', lane: 'container' } as const;
const cloud = { kind: 'openai-compatible', lane: 'cloud', zone: 'cloud' } as const;
const down = { host: { state: 'down', failures: 2 } } as const;

describe('auto_optimal', () => {
  const unmeasured = { rates: neutralRates('gpu', 5e9) };
  const old = { rates: rates({ updatedAt: -4_000_000 }) };
  const decide = (hosts: Hosts): Plan => {
    const candidates = Object.entries(hosts).map(([backend, changes]) => candidate({ backend, ...changes }));
    return plan(ask(), { now: 1000, candidates }, policies.auto_optimal, 0);
  };

  const chosen: readonly (readonly [what: string, hosts: Hosts, why: string])[] = [
    [
      'half of the hosts are measured',
      { a: {}, b: { ...docker, ...unmeasured } },
      'expected_finish (1 of 2 hosts measured)',
    ],
    ['only ollama is there', { a: unmeasured, b: unmeasured }, 'ollama_only (only ollama in reach)'],
    [
      'docker is down',
      { a: unmeasured, b: { ...docker, ...unmeasured, ...down } },
      'ollama_only (only ollama in reach)',
    ],
    [
      'only docker is there',
      { b: { ...docker, ...unmeasured } },
      'docker_only (only docker-model-runner in reach)',
    ],
    [
      'an ollama has a GPU',
      { a: unmeasured, b: { ...docker, ...unmeasured } },
      'hybrid_ollama_preferred (both kinds in reach, ollama on a gpu, little measured)',
    ],
    [
      'ollama has none',
      { a: { ...unmeasured, lane: 'cpu' }, b: { ...docker, ...unmeasured } },
      'hybrid_docker_preferred (both kinds in reach, no ollama on a gpu, little measured)',
    ],
    ['neither kind is there', { c: { ...cloud, ...unmeasured } }, 'expected_finish (little measured)'],
    ['what was measured is hours old', { a: old }, 'ollama_only (only ollama in reach)'],
  ];
  for (const [what, hosts, expected] of chosen) {
    test(`${what}: ${expected}`, () => {
      expect(decide(hosts).why).toStartWith(`auto_optimal: ${expected}, `);
    });
  }

  test('what it chose decides, and its filters too', () => {
    const hosts = {
      a: { ...unmeasured, lane: 'cpu' },
      b: { ...docker, ...unmeasured },
      c: { ...cloud, ...unmeasured },
    } as const;
    expect(decide(hosts).attempts.map((each) => each.candidate.backend)).toEqual(['b', 'a', 'c']);
  });

  test('with nobody left it says so', () => {
    expect(decide({}).why).toBe('no eligible host');
  });
});
