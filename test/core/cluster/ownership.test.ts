import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Head } from '../../../src/core/cluster/document.ts';
import {
  aliveKeys,
  isAlive,
  type Members,
  memberSeen,
  withoutLongGone,
} from '../../../src/core/cluster/members.ts';
import { rankOf, slotShare } from '../../../src/core/cluster/ownership.ts';
import { emptyHead } from './empty-head.ts';

const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
const without = (all: readonly string[], one: string): readonly string[] =>
  all.filter((each) => each !== one);

describe('ownership', () => {
  test('gives every rank once, the same in all instances', () => {
    fc.assert(
      fc.property(keys, fc.string(), (all, subject) => {
        const ranks = all.map((own) => rankOf(subject, own, without(all, own)));
        expect(ranks.toSorted((left, right) => left - right)).toEqual(all.map((_, index) => index));
      }),
    );
  });

  test('cuts the slots of a host into parts that are just the whole', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 40 }), (all, slots) => {
        const parts = all.map((own) => slotShare(slots, 'host', own, without(all, own)));
        const sum = parts.reduce((left, right) => left + right, 0);
        expect(sum).toBe(Math.max(slots, all.length));
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('of many subjects is shared by all, about alike', () => {
    const all = ['a', 'b', 'c', 'd'];
    const subjects = Array.from({ length: 400 }, (_, index) => `host ${index}`);
    for (const own of all) {
      const owned = subjects.filter((subject) => rankOf(subject, own, without(all, own)) === 0);
      expect(owned.length).toBeGreaterThan(50);
      expect(owned.length).toBeLessThan(150);
    }
  });

  test('moves only what a lost instance had', () => {
    const all = ['a', 'b', 'c', 'd'];
    const firstOf = (subject: string, of: readonly string[]) =>
      of.find((own) => rankOf(subject, own, without(of, own)) === 0);
    for (let index = 0; index < 200; index += 1) {
      const before = firstOf(`host ${index}`, all);
      if (before !== 'd') expect(firstOf(`host ${index}`, without(all, 'd'))).toBe(before);
    }
  });
});

describe('an instance', () => {
  const head = (sequence: number, boot = 'a', leaving = false): Head => ({
    ...emptyHead,
    boot,
    sequence,
    leaving,
  });
  const nobody: Members = new Map();

  test('is alive for as long as three heartbeats take after its number moved, however often the same is read', () => {
    let members = memberSeen(nobody, 'key', head(7), 0);
    members = memberSeen(members, 'key', head(7), 4_000);
    expect(isAlive(members.get('key'), 4_799)).toBe(true);
    expect(aliveKeys(members, 4_800)).toEqual([]);
    members = memberSeen(members, 'key', head(8), 7_000);
    expect(aliveKeys(members, 7_000)).toEqual(['key']);
  });

  test('that a store shows as it was before is no sign of life', () => {
    const members = memberSeen(nobody, 'key', head(7), 0);
    expect(memberSeen(members, 'key', head(3), 3_000)).toBe(members);
  });

  test('that started again counts from its first number on', () => {
    const members = memberSeen(memberSeen(nobody, 'key', head(700), 0), 'key', head(1, 'b'), 9_000);
    expect(aliveKeys(members, 9_000)).toEqual(['key']);
  });

  test('that says goodbye is gone at once', () => {
    const members = memberSeen(memberSeen(nobody, 'key', head(1), 0), 'key', head(2, 'a', true), 10);
    expect(aliveKeys(members, 11)).toEqual([]);
  });

  test('that is gone for long is forgotten, but not while its document lies where it would be read again', () => {
    const members = memberSeen(nobody, 'key', head(7), 0);
    expect(withoutLongGone(members, 599_999, 600_000, new Set())).toBe(members);
    const listed = withoutLongGone(members, 700_000, 600_000, new Set(['key']));
    expect(aliveKeys(memberSeen(listed, 'key', head(7), 700_000), 700_000)).toEqual([]);
    expect(withoutLongGone(members, 700_000, 600_000, new Set()).size).toBe(0);
  });
});
