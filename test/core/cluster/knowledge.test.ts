import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  compareStamps,
  joinKnowledge,
  type Knowledge,
  knowledgeOfHead,
  withoutInstances,
} from '../../../src/core/cluster/knowledge.ts';
import { compareBreakers, joinBreakers } from '../../../src/core/cluster/shared-breaker.ts';
import { comparePins, joinPins } from '../../../src/core/cluster/shared-pin.ts';
import { breakerFacts, heads, knowledges, pinFacts } from './arbitrary-documents.ts';

const inOrder = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  new Map([...map].sort(([left], [right]) => (left < right ? -1 : 1)));

/** Two writings of one instance with one number are one document: which of them was met first must not matter. */
const comparable = ({ breakers, pins, heads, bodies }: Knowledge) => ({
  breakers: inOrder(breakers),
  pins: inOrder(pins),
  heads: [...heads].map(([key, { boot, sequence }]) => `${key} ${boot} ${sequence}`).sort(),
  bodies: [...bodies].map(([key, { boot, sequence }]) => `${key} ${boot} ${sequence}`).sort(),
});

describe('what instances know', () => {
  test('joined with itself is the same', () => {
    fc.assert(
      fc.property(knowledges, (one) => {
        expect(comparable(joinKnowledge(one, one))).toEqual(comparable(one));
      }),
    );
  });

  test('is joined to the same in either order', () => {
    fc.assert(
      fc.property(knowledges, knowledges, (one, other) => {
        expect(comparable(joinKnowledge(one, other))).toEqual(comparable(joinKnowledge(other, one)));
      }),
    );
  });

  test('is joined to the same in whatever groups', () => {
    fc.assert(
      fc.property(knowledges, knowledges, knowledges, (one, two, three) => {
        const left = joinKnowledge(joinKnowledge(one, two), three);
        expect(comparable(left)).toEqual(comparable(joinKnowledge(one, joinKnowledge(two, three))));
      }),
    );
  });

  test('of an instance is what it wrote last, whichever was met first', () => {
    fc.assert(
      fc.property(heads, heads, (one, other) => {
        fc.pre(compareStamps(one, other) > 0);
        const [late, early] = [knowledgeOfHead('key', one), knowledgeOfHead('key', other)];
        expect(joinKnowledge(early, late).heads.get('key')).toBe(one);
        expect(joinKnowledge(late, early).heads.get('key')).toBe(one);
      }),
    );
  });

  test('of pairs outlives the instance that told it', () => {
    fc.assert(
      fc.property(knowledges, (one) => {
        const left = withoutInstances(one, new Set([...one.heads.keys(), ...one.bodies.keys()]));
        expect(left.heads.size + left.bodies.size).toBe(0);
        expect(left.breakers).toEqual(one.breakers);
      }),
    );
  });
});

describe.each([
  ['breakers', breakerFacts, joinBreakers],
  ['pins', pinFacts, joinPins],
] as const)('the join of %s', (_what, facts, join) => {
  const joined = join as (left: unknown, right: unknown) => unknown;
  const any = facts as fc.Arbitrary<unknown>;

  test('is idempotent, commutative and associative', () => {
    fc.assert(
      fc.property(any, any, any, (one, two, three) => {
        expect(joined(one, one)).toEqual(one);
        expect(joined(one, two)).toEqual(joined(two, one));
        expect(joined(joined(one, two), three)).toEqual(joined(one, joined(two, three)));
      }),
    );
  });
});

test('of two facts the one of the later epoch wins, and within an epoch the one that is further on', () => {
  fc.assert(
    fc.property(breakerFacts, breakerFacts, pinFacts, pinFacts, (breaker, otherBreaker, pin, otherPin) => {
      const [lateBreaker, latePin] = [joinBreakers(breaker, otherBreaker), joinPins(pin, otherPin)];
      expect(lateBreaker.epoch).toBe(Math.max(breaker.epoch, otherBreaker.epoch));
      expect(latePin.epoch).toBe(Math.max(pin.epoch, otherPin.epoch));
      for (const each of [breaker, otherBreaker])
        expect(compareBreakers(lateBreaker, each)).toBeGreaterThanOrEqual(0);
      for (const each of [pin, otherPin]) expect(comparePins(latePin, each)).toBeGreaterThanOrEqual(0);
    }),
  );
});
