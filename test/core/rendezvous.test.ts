import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { hashText } from '../../src/core/hash.ts';
import { rank } from '../../src/core/rendezvous.ts';
import { propertyRuns } from '../property-runs.ts';

const nodeNames = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });

test('the order is a permutation of the nodes and does not depend on how they are listed', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), nodeNames, (key, nodes) => {
      const order = rank(key, nodes);
      expect([...order].sort()).toEqual([...nodes].sort());
      expect(rank(key, [...nodes].reverse())).toEqual(order);
    }),
    { numRuns: propertyRuns },
  );
});

test('a node that leaves takes nothing along: the others keep their order for every key', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), nodeNames, fc.nat(), (key, nodes, pick) => {
      const gone = nodes[pick % nodes.length] ?? '';
      const left = nodes.filter((node) => node !== gone);
      expect(rank(key, left)).toEqual(rank(key, nodes).filter((node) => node !== gone));
    }),
    { numRuns: propertyRuns },
  );
});

test('four nodes get a quarter of the keys each, and a fifth takes a fifth, evenly from all', () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => hashText(`conversation ${index}`));
  const four = ['gpu', 'gpu-2', 'cpu', 'dmr'];
  const counts = new Map<string, number>();
  const moved = new Map<string, number>();
  for (const key of keys) {
    const [before = ''] = rank(key, four);
    const [after = ''] = rank(key, [...four, 'new']);
    counts.set(before, (counts.get(before) ?? 0) + 1);
    if (after === before) continue;
    expect(after).toBe('new');
    moved.set(before, (moved.get(before) ?? 0) + 1);
  }
  for (const node of four) {
    expect((counts.get(node) ?? 0) / keys.length).toBeCloseTo(0.25, 1);
    expect((moved.get(node) ?? 0) / keys.length).toBeCloseTo(0.05, 1);
  }
});
