import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { joinKnowledge, type Knowledge, withoutInstances } from '../../../src/core/cluster/knowledge.ts';
import { joinBreakers } from '../../../src/core/cluster/shared-breaker.ts';
import { joinPins } from '../../../src/core/cluster/shared-pin.ts';
import { breakerFacts, knowledges, pinFacts } from './arbitrary-documents.ts';

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
