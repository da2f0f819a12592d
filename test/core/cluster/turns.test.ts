import { describe, expect, test } from 'bun:test';
import { isOwnTurn, nextTurn, type Turn } from '../../../src/core/cluster/turns.ts';

const stepMs = 500;

/** Instances that all want the slots of one host, each seeing the others as they were a step ago, in an order that stays. */
const play = (parties: number, slots: number, forMs: number): readonly number[] => {
  const turns: (Turn | undefined)[] = Array.from({ length: parties }, () => undefined);
  const held = Array.from({ length: parties }, () => 0);
  const heldMs = Array.from({ length: parties }, () => 0);
  for (let now = 0; now < forMs; now += stepMs) {
    const seen = [...held];
    for (const [index] of turns.entries()) {
      const rest = seen.filter((_, other) => other !== index);
      const elsewhere = rest.reduce((sum, each) => sum + each, 0);
      const crowd = {
        slots,
        own: seen[index] ?? 0,
        elsewhere,
        others: parties - 1,
        isSomebodyWithout: rest.includes(0),
      };
      const turn = nextTurn(turns[index], crowd, now);
      turns[index] = turn;
      // Whatever ran has ended by now, and is followed by the next where that may be.
      held[index] = isOwnTurn(turn, crowd, now) && elsewhere < slots ? 1 : 0;
      heldMs[index] = (heldMs[index] ?? 0) + (held[index] ?? 0) * stepMs;
    }
  }
  return heldMs;
};

describe('turns at a host', () => {
  for (const [parties, slots] of [
    [2, 1],
    [3, 1],
    [3, 2],
    [5, 1],
    [6, 4],
  ] as const) {
    test(`of ${slots} are had by all of ${parties}, and are used`, () => {
      const heldMs = play(parties, slots, 600_000);
      const all = heldMs.reduce((sum, each) => sum + each, 0);
      for (const each of heldMs) expect(each).toBeGreaterThan((0.5 * all) / parties);
      expect(all).toBeGreaterThan(0.6 * slots * 600_000);
    });
  }

  test('are not taken where there are as many slots, nor where nobody goes without', () => {
    const crowd = { slots: 2, own: 1, elsewhere: 1, others: 1, isSomebodyWithout: true };
    const holds: Turn = { what: 'holds', since: 0 };
    expect(nextTurn(holds, crowd, 60_000)).toBeUndefined();
    expect(nextTurn(holds, { ...crowd, others: 2, isSomebodyWithout: false }, 60_000)).toBeUndefined();
    expect(nextTurn(holds, { ...crowd, others: 2 }, 60_000)).toEqual({ what: 'yields', since: 60_000 });
  });

  test('come back to who yields when nobody takes the slot, and the next is long', () => {
    const crowd = { slots: 1, own: 0, elsewhere: 0, others: 1, isSomebodyWithout: true };
    let turn = nextTurn({ what: 'yields', since: 0 }, crowd, 1_999);
    expect(isOwnTurn(turn, crowd, 1_999)).toBe(false);
    turn = nextTurn(turn, crowd, 2_000);
    expect(isOwnTurn(turn, crowd, 2_000)).toBe(true);
    expect(nextTurn(turn, { ...crowd, own: 1 }, 25_000)?.what).toBe('holds');
    expect(nextTurn(turn, { ...crowd, own: 1 }, 26_000)?.what).toBe('yields');
  });
});
