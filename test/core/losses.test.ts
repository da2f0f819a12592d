import { describe, expect, test } from 'bun:test';
import { byLoss, carriesRequest, lossOf } from '../../src/core/losses.ts';
import { plan } from '../../src/core/plan.ts';
import { policies } from '../../src/core/policies.ts';
import { ask, candidate } from './candidates.ts';

const near = candidate({ backend: 'near', speaks: ['ollama'] });
const far = candidate({ backend: 'far', speaks: ['openai-chat'] });
const snapshot = { now: 1000, candidates: [near, far] };

const lossy = (
  dropped: readonly string[],
  more: { readonly refusal?: string; readonly strict?: boolean } = {},
) =>
  ask({
    protocol: 'openai-chat',
    losses: { ollama: { dropped, refusal: more.refusal } },
    strict: more.strict,
  });

describe('what a dialect loses', () => {
  test('is lost where it is spoken, and nowhere else', () => {
    expect(lossOf(lossy(['n']), near)?.dropped).toEqual(['n']);
    expect(lossOf(lossy(['n']), far)).toBeUndefined();
    expect(lossOf(ask(), near)).toBeUndefined();
  });

  test('puts a host behind those that lose nothing, under every policy that ranks them alike', () => {
    for (const policy of [
      policies.expected_finish,
      policies.round_robin,
      policies.random,
      policies.least_loaded,
    ]) {
      for (let seed = 0; seed < 4; seed += 1) {
        const { attempts } = plan(lossy(['n']), snapshot, policy, seed);
        expect(attempts.map(({ candidate: { backend } }) => backend)).toEqual(['far', 'near']);
      }
    }
  });

  test('gives way to what the policy ranks', () => {
    const candidates = [near, { ...far, priority: 5 }];
    const { attempts } = plan(lossy(['n']), { now: 1000, candidates }, policies.priority, 0);
    expect(attempts[0]?.candidate.backend).toBe('near');
  });

  test('does not count where it says nothing of the answer', () => {
    expect(byLoss.rank(lossy(['user', 'messages[0].content[1].cache_control']), near)).toBe(0);
    expect(byLoss.rank(lossy(['user', 'options.mirostat']), near)).toBe(1);
  });

  test('keeps a strict request away, and a request that cannot be said', () => {
    expect(carriesRequest(lossy(['n', 'user'], { strict: true }), near, snapshot)).toEqual({
      kind: 'incapable',
      text: 'it would lose n, user',
    });
    expect(carriesRequest(lossy(['n'], { strict: true }), far, snapshot)).toBe(true);
    expect(carriesRequest(lossy([], { strict: true }), near, snapshot)).toBe(true);
    expect(carriesRequest(lossy(['n']), near, snapshot)).toBe(true);
    expect(carriesRequest(lossy([], { refusal: 'no images' }), near, snapshot)).toEqual({
      kind: 'incapable',
      text: 'no images',
    });
  });
});
