import { describe, expect, test } from 'bun:test';
import { byHosting, byKind, byLane, byPriority, isPreferred } from '../../src/core/tiers.ts';
import { ask, candidate } from './candidates.ts';

const lanes = ['gpu', 'peer', 'container', 'cpu', 'cloud'] as const;

describe('tiers', () => {
  test('a quick caller has the GPU first and the cloud last', () => {
    const ranks = lanes.map((lane) => byLane.rank(ask(), candidate({ backend: 'a', lane })));
    expect(ranks).toEqual([0, 1, 2, 3, 4]);
  });

  test('heavy work has the processor first and the GPU after the rest, and the cloud is last for it too', () => {
    const ranks = lanes.map((lane) =>
      byLane.rank(ask({ intent: 'heavy' }), candidate({ backend: 'a', lane })),
    );
    expect(ranks).toEqual([3, 1, 2, 0, 4]);
  });

  test('hosts go before containers and containers before the cloud', () => {
    const ranks = lanes.map((lane) => byHosting.rank(ask(), candidate({ backend: 'a', lane })));
    expect(ranks).toEqual([0, 0, 1, 0, 2]);
  });

  test('a priority is its own rank', () => {
    expect(byPriority.rank(ask(), candidate({ backend: 'a', priority: 7 }))).toBe(7);
  });

  test('a preferred backend or kind goes before the first kind, and all others after the second', () => {
    const tier = byKind('docker-model-runner', 'ollama');
    const kinds = ['docker-model-runner', 'ollama', 'peer', 'openai-compatible'];
    const ranks = (preferred: string | undefined) =>
      kinds.map((kind) => tier.rank(ask({ preferred }), candidate({ backend: `${kind}-1`, kind })));
    expect(ranks(undefined)).toEqual([1, 2, 3, 3]);
    expect(ranks('ollama')).toEqual([1, 0, 3, 3]);
    expect(ranks('peer-1')).toEqual([1, 2, 0, 3]);
  });

  test('nothing is preferred where nothing is said', () => {
    expect(isPreferred(ask(), candidate({ backend: 'a' }))).toBe(false);
  });
});
