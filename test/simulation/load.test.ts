import { describe, expect, test } from 'bun:test';
import { checkLoad, type LoadFile } from '../../src/config/simulation-files.ts';
import { builtInFleet, builtInLoad, fleetNames, loadNames } from '../../src/simulation/built-in.ts';
import { rateOf } from '../../src/simulation/capacity.ts';
import { capacityFor } from '../../src/simulation/comparison.ts';
import { drawLoad, sentTokens } from '../../src/simulation/load.ts';
import { createPace } from '../../src/simulator/rates.ts';
import type { Json } from '../../src/spec/json.ts';

const loadOf = (tree: Json): LoadFile => {
  const checked = checkLoad(tree);
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  return checked.value;
};

const plain = (more: { readonly [key: string]: Json } = {}): LoadFile =>
  loadOf({ classes: { chat: { models: { a: 1 }, promptTokens: 100, answerTokens: 50, ...more } } });

describe('a drawn load', () => {
  test('is the same for a seed and another for another', () => {
    const options = { perSecond: 1, durationMs: 600_000, seed: 5 };
    expect(drawLoad(plain(), options)).toEqual(drawLoad(plain(), options));
    expect(drawLoad(plain(), { ...options, seed: 6 })).not.toEqual(drawLoad(plain(), options));
  });

  test('comes as often as it is told, the later turns of conversations included', () => {
    for (const turns of [1, { median: 3, p95: 8 }]) {
      const { requests } = drawLoad(plain({ turns }), { perSecond: 2, durationMs: 7_200_000, seed: 3 });
      expect(requests / 7200).toBeGreaterThan(1.9);
      expect(requests / 7200).toBeLessThan(2.1);
    }
  });

  test('has the median and the p95 it is told', () => {
    const load = plain({ promptTokens: { median: 200, p95: 1000, max: 100_000 } });
    const { conversations } = drawLoad(load, { perSecond: 5, durationMs: 3_600_000, seed: 1 });
    const lengths = conversations
      .flatMap(({ turns }) => turns.map(({ promptTokens }) => promptTokens))
      .toSorted((left, right) => left - right);
    expect(lengths[Math.floor(lengths.length * 0.5)]).toBeWithin(190, 211);
    expect(lengths[Math.floor(lengths.length * 0.95)]).toBeWithin(930, 1080);
  });

  test('sends with each turn what was said before', () => {
    const turn = { promptTokens: 10, answerTokens: 5, thinkMs: 0, leavesAfterMs: undefined };
    expect(sentTokens([turn, turn, turn], 100)).toEqual([110, 125, 140]);
  });
});

describe('capacity', () => {
  const kind = { model: 'a', share: 1, promptTokens: 100, answerTokens: 50 };
  const rates = {
    prefillTokensPerSecond: 100,
    decodeTokensPerSecond: 10,
    loadBytesPerSecond: 1,
    sharing: 0,
    referenceBytes: 0,
  };

  test('of one slot is one request after the other', () => {
    expect(rateOf(createPace(rates, 1, true), 1, 1, kind)).toBeCloseTo(1 / 6);
  });

  test('of more slots grows with them where they share nothing, and less where they share all', () => {
    expect(rateOf(createPace(rates, 1, true), 4, 1, kind)).toBeCloseTo(4 / 6);
    const shared = rateOf(createPace({ ...rates, sharing: 1 }, 1, true), 4, 1, kind);
    expect(shared).toBeGreaterThan(1 / 6);
    expect(shared).toBeLessThan(0.3);
  });

  test('doubles with a second host of the same kind', () => {
    const load = builtInLoad('conversations', 1);
    const one = builtInFleet('single', 1);
    if (load === undefined || one === undefined) throw new Error('they are built in');
    const [host] = Object.values(one.hosts);
    if (host === undefined) throw new Error('it has a host');
    const two = { ...one, hosts: { gpu: { ...host, count: 2 } } };
    expect(capacityFor(two, load, 1)).toBeCloseTo(2 * capacityFor(one, load, 1));
  });

  test('is nothing where a model has no host', () => {
    const fleet = builtInFleet('single', 1);
    if (fleet === undefined) throw new Error('it is built in');
    expect(capacityFor(fleet, plain(), 1)).toBe(0);
  });

  test('every fleet that comes ready-made can carry some load', () => {
    for (const fleetName of fleetNames) {
      for (const loadName of loadNames) {
        const [fleet, load] = [builtInFleet(fleetName, 2), builtInLoad(loadName, 2)];
        if (fleet === undefined || load === undefined) throw new Error('they are built in');
        // Not every fleet has the largest model.
        const expected = loadName === 'poisson' && fleetName !== 'unequal' ? 0 : 0.01;
        expect(capacityFor(fleet, load, 2)).toBeGreaterThanOrEqual(expected);
      }
    }
  });
});

describe('what a load file may not say', () => {
  test.each([
    [{ classes: {} }, 'classes: must not be empty'],
    [
      { classes: { chat: { models: {}, promptTokens: 1, answerTokens: 1 } } },
      'classes.chat.models: must not be empty',
    ],
    [{ classes: { chat: { models: { a: -1 }, promptTokens: 1, answerTokens: 1 } } }, 'classes.chat.models.a'],
    [
      { arrivals: 'often', classes: { chat: { models: { a: 1 }, promptTokens: 1, answerTokens: 1 } } },
      'arrivals',
    ],
    [
      { classes: { chat: { model: { a: 1 }, promptTokens: 1, answerTokens: 1 } } },
      'classes.chat.model: unknown key',
    ],
  ] as const)('%j', (tree, problem) => {
    const checked = checkLoad(tree as Json);
    if (!('problems' in checked)) throw new Error('it was accepted');
    expect(checked.problems.join('\n')).toContain(problem);
  });
});
