/**
 * All that an instance heard from the others, and the join of two such states: idempotent, commutative and associative,
 * so that lost, doubled and late documents lead everywhere to the same. Pure; imports spec.
 */

import type { Body, Head, PairKey, Stamped } from './document.ts';
import { type BreakerFact, joinBreakers } from './shared-breaker.ts';
import { joinPins, type PinFact } from './shared-pin.ts';

/** By key of the instance, with times on the reader's clock. */
export interface Knowledge {
  readonly heads: ReadonlyMap<string, Head>;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly breakers: ReadonlyMap<PairKey, BreakerFact>;
  readonly pins: ReadonlyMap<PairKey, PinFact>;
}

/** Nothing was heard. */
export const noKnowledge: Knowledge = {
  heads: new Map(),
  bodies: new Map(),
  breakers: new Map(),
  pins: new Map(),
};

/** Greater than 0 where the left was written later; a restart goes on with the numbers it finds. */
export const compareStamps = (left: Stamped, right: Stamped): number =>
  left.sequence - right.sequence || (left.boot < right.boot ? -1 : left.boot > right.boot ? 1 : 0);

const later = <Document extends Stamped>(left: Document, right: Document): Document =>
  compareStamps(left, right) >= 0 ? left : right;

const joinMaps = <Value>(
  left: ReadonlyMap<string, Value>,
  right: ReadonlyMap<string, Value>,
  join: (left: Value, right: Value) => Value,
): ReadonlyMap<string, Value> => {
  if (right.size === 0) return left;
  if (left.size === 0) return right;
  const joined = new Map(left);
  for (const [key, value] of right) {
    const known = joined.get(key);
    joined.set(key, known === undefined ? value : join(known, value));
  }
  return joined;
};

/** What both know. */
export const joinKnowledge = (left: Knowledge, right: Knowledge): Knowledge => ({
  heads: joinMaps(left.heads, right.heads, later),
  bodies: joinMaps(left.bodies, right.bodies, later),
  breakers: joinMaps(left.breakers, right.breakers, joinBreakers),
  pins: joinMaps(left.pins, right.pins, joinPins),
});

/** What one head tells. */
export const knowledgeOfHead = (key: string, head: Head): Knowledge => ({
  ...noKnowledge,
  heads: new Map([[key, head]]),
  breakers: head.breakers,
  pins: head.pins,
});

/** What one body tells. */
export const knowledgeOfBody = (key: string, body: Body): Knowledge => ({
  ...noKnowledge,
  bodies: new Map([[key, body]]),
  breakers: body.breakers,
  pins: body.pins,
});

/** Without the instances that are gone; what they knew of pairs stays until somebody knows better. */
export const withoutInstances = (knowledge: Knowledge, gone: ReadonlySet<string>): Knowledge => {
  if (gone.size === 0) return knowledge;
  const kept = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
    new Map([...map].filter(([key]) => !gone.has(key)));
  return { ...knowledge, heads: kept(knowledge.heads), bodies: kept(knowledge.bodies) };
};
