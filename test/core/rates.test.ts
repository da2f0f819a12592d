import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Observation } from '../../src/core/rate-lesson.ts';
import { decodeRate, neutralRates, observe, overdue, type PairRates, ratesAt } from '../../src/core/rates.ts';
import { propertyRuns } from '../property-runs.ts';

const minute = 60_000;
const hour = 60 * minute;
const neutral = neutralRates('gpu', 5e9);

/** An attempt that says nothing, with what a test lets it say. */
const observation = (changes: Partial<Observation> = {}): Observation => ({
  inputTokens: undefined,
  cachedTokens: undefined,
  outputTokens: undefined,
  firstTokenMs: undefined,
  durationMs: undefined,
  expectedMs: undefined,
  concurrency: 1,
  cold: false,
  whole: true,
  timings: undefined,
  ...changes,
});

/** What an attempt on a machine of these speeds would show. */
const attemptAt = (prefill: number, decode: number, changes: Partial<Observation> = {}): Observation => {
  const inputTokens = changes.inputTokens ?? 1000;
  const outputTokens = changes.outputTokens ?? 101;
  const firstTokenMs = ((inputTokens - (changes.cachedTokens ?? 0)) * 1000) / prefill;
  const durationMs = firstTokenMs + ((outputTokens - 1) * 1000) / decode;
  return observation({ inputTokens, cachedTokens: 0, outputTokens, firstTokenMs, durationMs, ...changes });
};

const repeated = (
  rates: PairRates,
  seen: Observation,
  times: number,
  everyMs = 1000,
  from = 0,
): PairRates => {
  let current = rates;
  for (let count = 0; count < times; count += 1) current = observe(current, seen, from + count * everyMs);
  return current;
};

describe('what is assumed before anything is measured', () => {
  test('a GPU is faster than a container and a container than a processor', () => {
    const speeds = (['gpu', 'container', 'cpu'] as const).map((lane) => neutralRates(lane, 5e9));
    expect(speeds.map((each) => each.decodeTokensPerSecond)).toEqual([60, 15, 7]);
    expect(speeds.map((each) => each.prefillTokensPerSecond)).toEqual([1500, 200, 60]);
  });

  test('a model of twice the size is half as fast and takes longer to load', () => {
    const [small, large] = [neutralRates('gpu', 5e9), neutralRates('gpu', 10e9)];
    expect(large.decodeTokensPerSecond).toBe(small.decodeTokensPerSecond / 2);
    expect(small.loadMs).toBe(12_000);
    expect(large.loadMs).toBe(22_000);
  });

  test('a size that no model has counts as unknown', () => {
    for (const size of [undefined, 0, -1, Number.NaN, Infinity, 1e20]) {
      expect(neutralRates('cpu', size)).toEqual(neutralRates('cpu', 5e9));
    }
  });
});

describe('one attempt', () => {
  test('what was measured moves most of the way from what was assumed', () => {
    const seen = observe(neutral, attemptAt(300, 20), 0);
    expect(seen.prefillTokensPerSecond).toBeGreaterThan(300);
    expect(seen.prefillTokensPerSecond).toBeLessThan(450);
    expect(seen.decodeTokensPerSecond).toBeLessThan(27);
    expect(seen.samples).toBe(1);
  });

  test("the engine's own timings are believed rather than the clock outside", () => {
    const timings = { prefillMs: 2000, decodeMs: 10_000 };
    const seen = repeated(neutral, attemptAt(100, 5, { outputTokens: 100, timings }), 30);
    expect(seen.prefillTokensPerSecond).toBeCloseTo(500, -1);
    expect(seen.decodeTokensPerSecond).toBeCloseTo(10, 0);
  });

  test('an engine that says it worked longer than the attempt lasted is not believed', () => {
    const honest = repeated(neutral, attemptAt(300, 20), 10);
    const lying = attemptAt(300, 20, { timings: { prefillMs: 1e7, decodeMs: 1e7, loadMs: 1e7 } });
    expect(repeated(neutral, lying, 10)).toEqual(honest);
  });

  test('cached tokens are not counted as read', () => {
    const seen = repeated(neutral, attemptAt(500, 20, { inputTokens: 8000, cachedTokens: 7000 }), 30);
    expect(seen.prefillTokensPerSecond).toBeCloseTo(500, -1);
  });

  test('a few new tokens beside many that are only guessed to be cached teach nothing of speed', () => {
    const guessed = { inputTokens: 8000, isCacheGuessed: true };
    // The guess was short of what was cached by 200 tokens, and the machine seems twice as fast as it is.
    const seen = repeated(neutral, attemptAt(1000, 20, { ...guessed, cachedTokens: 7600 }), 10);
    expect(seen.prefillTokensPerSecond).toBe(neutral.prefillTokensPerSecond);
    const mostlyNew = repeated(neutral, attemptAt(500, 20, { ...guessed, cachedTokens: 500 }), 30);
    expect(mostlyNew.prefillTokensPerSecond).toBeCloseTo(500, -1);
  });

  test('where the cache cannot be told, a prompt read impossibly fast teaches nothing of speed', () => {
    const seen = observe(neutral, observation({ inputTokens: 8000, firstTokenMs: 50, whole: false }), 0);
    expect(seen).toBe(neutral);
  });

  test('a cold attempt teaches the time of the load and not the speed of the prompt', () => {
    const seen = repeated(
      neutral,
      observation({ cold: true, inputTokens: 100, cachedTokens: 0, firstTokenMs: 40_000, expectedMs: 500 }),
      20,
    );
    expect(seen.loadMs).toBeCloseTo(40_000, -3);
    expect(seen.prefillTokensPerSecond).toBe(neutral.prefillTokensPerSecond);
    expect(seen.firstTokenRatio).toBe(1);
  });

  test('a load that the engine reports makes an attempt cold that was thought hot', () => {
    const seen = observe(
      neutral,
      observation({ inputTokens: 1000, firstTokenMs: 20_000, expectedMs: 500, timings: { loadMs: 18_000 } }),
      0,
    );
    expect(seen.loadMs).toBeGreaterThan(neutral.loadMs);
    expect(seen.prefillTokensPerSecond).toBe(neutral.prefillTokensPerSecond);
    expect(seen.firstTokenRatio).toBe(1);
  });

  test('an answer that came as a whole still tells how fast it was written', () => {
    const whole = observation({ inputTokens: 100, cachedTokens: 0, outputTokens: 200, durationMs: 20_000 });
    expect(repeated(neutral, whole, 30).decodeTokensPerSecond).toBeCloseTo(10, 0);
  });

  test('a cut answer says nothing about length', () => {
    const cut = attemptAt(1500, 60, { outputTokens: 5000, whole: false });
    expect(repeated(neutral, cut, 10).outputTokens).toBe(256);
    expect(repeated(neutral, attemptAt(1500, 60, { outputTokens: 1000 }), 60).outputTokens).toBeCloseTo(
      1000,
      -2,
    );
  });

  test('an attempt that says nothing changes nothing', () => {
    expect(observe(neutral, observation(), 5)).toBe(neutral);
    expect(observe(neutral, observation({ outputTokens: 0, durationMs: 0 }), 5)).toBe(neutral);
  });

  for (const bad of [Number.NaN, -1, 0, Infinity, -Infinity, 1e300]) {
    test(`${bad} in every place changes nothing`, () => {
      const rates = observe(neutral, attemptAt(300, 20), 0);
      const seen = observation({
        inputTokens: bad,
        cachedTokens: bad,
        outputTokens: bad,
        firstTokenMs: bad,
        durationMs: bad,
        expectedMs: bad,
        concurrency: bad,
        timings: { totalMs: bad, loadMs: bad, prefillMs: bad, decodeMs: bad },
      });
      expect(observe(rates, seen, 0)).toBe(rates);
    });
  }
});

describe('decoding with several at once', () => {
  test('speed and slope are told apart from attempts alone and together', () => {
    let current = neutral;
    for (let turn = 0; turn < 200; turn += 1) {
      const concurrency = [1, 2, 4][turn % 3] ?? 1;
      const seen = attemptAt(1500, 40 / (1 + 0.5 * (concurrency - 1)), { concurrency });
      current = observe(current, seen, turn * 1000);
    }
    expect(decodeRate(current, 1)).toBeCloseTo(40, 0);
    expect(decodeRate(current, 2)).toBeCloseTo(40 / 1.5, 0);
    expect(decodeRate(current, 4)).toBeCloseTo(16, 0);
  });

  test('attempts that were never alone still predict their own kind', () => {
    const seen = attemptAt(1500, 10, { concurrency: 4 });
    expect(decodeRate(repeated(neutral, seen, 200), 4)).toBeCloseTo(10, 0);
  });
});

describe('change and time', () => {
  test('a machine that became ten times slower is known for it after ten attempts', () => {
    const before = repeated(neutral, attemptAt(1000, 50), 100);
    const after = repeated(before, attemptAt(100, 5), 10, 1000, 100_000);
    expect(after.decodeTokensPerSecond).toBeLessThan(7);
    expect(after.prefillTokensPerSecond).toBeLessThan(140);
  });

  test('noise of a third moves a settled speed by less than a tenth', () => {
    const settled = repeated(neutral, attemptAt(1000, 50), 100);
    const after = observe(settled, attemptAt(1330, 66), 100_000);
    expect(after.decodeTokensPerSecond / 50).toBeLessThan(1.1);
  });

  test('speed decays to what was assumed, and not to nothing', () => {
    const slow = repeated(neutral, attemptAt(100, 5), 20);
    const [soon, later, late] = [minute, hour, 100 * hour].map((idle) => ratesAt(slow, 19_000 + idle));
    expect(soon?.decodeTokensPerSecond).toBeLessThan(6);
    expect(later?.decodeTokensPerSecond).toBeGreaterThan(15);
    expect(later?.decodeTokensPerSecond).toBeLessThan(60);
    expect(late?.decodeTokensPerSecond).toBeCloseTo(60, 5);
    expect(late?.prefillTokensPerSecond).toBeCloseTo(1500, 3);
  });

  test('what a disk needs is remembered longer than what a processor does', () => {
    const seen = repeated(
      neutral,
      attemptAt(100, 5, { timings: { loadMs: 100_000 }, firstTokenMs: 110_000, durationMs: 150_000 }),
      20,
    );
    expect(ratesAt(seen, 3 * hour).loadMs).toBeGreaterThan(75_000);
  });

  test('decaying in two steps is decaying in one', () => {
    fc.assert(
      fc.property(fc.nat(hour), fc.nat(hour), (first, second) => {
        const seen = observe(overdue(neutral, 100, 9000, 0), attemptAt(100, 5), 0);
        const steps = ratesAt(ratesAt(seen, first), first + second);
        const once = ratesAt(seen, first + second);
        expect(steps.decodeTokensPerSecond).toBeCloseTo(once.decodeTokensPerSecond, 6);
        expect(steps.firstTokenRatio).toBeCloseTo(once.firstTokenRatio, 6);
        expect(steps.loadMs).toBeCloseTo(once.loadMs, 3);
        expect(steps.evidence.decode).toBeCloseTo(once.evidence.decode, 6);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a clock that stands or an earlier time changes nothing', () => {
    const seen = observe(neutral, attemptAt(100, 5), 1000);
    expect(ratesAt(seen, 1000)).toBe(seen);
    expect(ratesAt(seen, 500)).toBe(seen);
    expect(observe(seen, attemptAt(100, 5), 500).updatedAt).toBe(1000);
  });
});

describe('the first-token ratio', () => {
  test('a late first token counts at once, and fades to 1', () => {
    const late = observe(neutral, observation({ firstTokenMs: 10_000, expectedMs: 1000 }), 0);
    expect(late.firstTokenRatio).toBeCloseTo(8.2, 5);
    expect(ratesAt(late, 30_000).firstTokenRatio).toBeCloseTo(1 + 7.2 / Math.E, 5);
    expect(ratesAt(late, hour).firstTokenRatio).toBeCloseTo(1, 5);
  });

  test('an early one makes no host better than expected', () => {
    const early = observe(neutral, observation({ firstTokenMs: 10, expectedMs: 5000 }), 0);
    expect(early.firstTokenRatio).toBe(1);
  });

  test('a few milliseconds more than expected are no alarm', () => {
    const seen = observe(neutral, observation({ firstTokenMs: 40, expectedMs: 5 }), 0);
    expect(seen.firstTokenRatio).toBeLessThan(1.2);
  });

  test('a running request warns when it is three times late, and not before', () => {
    expect(overdue(neutral, 1000, 2999, 0)).toBe(neutral);
    expect(overdue(neutral, 1000, 3500, 0).firstTokenRatio).toBeCloseTo(3, 5);
    expect(overdue(neutral, 10, 100, 0)).toBe(neutral);
  });

  test('the same lateness told twice changes nothing more', () => {
    const once = overdue(neutral, 1000, 8000, 0);
    expect(overdue(once, 1000, 8000, 0)).toBe(once);
    expect(overdue(once, 1000, 1e12, 0).firstTokenRatio).toBe(32);
    expect(overdue(once, Number.NaN, 8000, 0)).toBe(once);
  });
});

const anyNumber = fc.oneof(fc.double(), fc.integer({ min: -10, max: 100_000 }), fc.constant(undefined));

test('whatever attempts say, rates stay finite, and speeds above zero', () => {
  const drawn = fc.record({
    inputTokens: anyNumber,
    cachedTokens: anyNumber,
    outputTokens: anyNumber,
    firstTokenMs: anyNumber,
    durationMs: anyNumber,
    expectedMs: anyNumber,
    concurrency: fc.oneof(fc.double(), fc.integer({ min: 1, max: 9 })),
    cold: fc.boolean(),
    whole: fc.boolean(),
    timings: fc.record({ loadMs: anyNumber, prefillMs: anyNumber, decodeMs: anyNumber }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(drawn, fc.nat(10_000_000)), { maxLength: 20 }),
      fc.constantFrom('gpu', 'cpu', 'container', 'cloud', 'peer'),
      (attempts, lane) => {
        let current = neutralRates(lane as 'gpu', 5e9);
        for (const [attempt, now] of attempts) {
          current = observe(current, attempt as Observation, now);
          for (const value of [
            current.prefillTokensPerSecond,
            current.decodeTokensPerSecond,
            decodeRate(current, 8),
            current.loadMs,
            current.outputTokens,
          ]) {
            expect(value).toBeGreaterThan(0);
            expect(value).toBeLessThan(Infinity);
          }
          expect(current.decodeSlope).toBeGreaterThanOrEqual(0);
          expect(current.firstTokenRatio).toBeGreaterThanOrEqual(1);
          expect(current.firstTokenRatio).toBeLessThanOrEqual(32);
        }
      },
    ),
    { numRuns: propertyRuns },
  );
});
