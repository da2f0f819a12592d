import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type MemoryPressure,
  type Pin,
  type PinFacts,
  pinAfterOom,
  pinAfterSuccess,
  pinned,
  pressureAfterOom,
  trialAllowed,
  underPressure,
} from '../../src/core/pins.ts';
import { propertyRuns } from '../property-runs.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nothing: PinFacts = {};

/** Runs out of memory again as soon as the pin ends, so many times. */
const ranOut = (times: number, facts: PinFacts = nothing): Pin => {
  let pin = pinAfterOom(undefined, facts, 0);
  for (let count = 1; count < times; count += 1) pin = pinAfterOom(pin, facts, pin.until);
  return pin;
};

describe('a pin', () => {
  test('each time it ran out again it is twice as long, up to six hours', () => {
    const lengths: number[] = [];
    let pin: Pin | undefined;
    let now = 0;
    for (let count = 0; count < 9; count += 1) {
      pin = pinAfterOom(pin, nothing, now);
      lengths.push((pin.until - now) / minuteMs);
      now = pin.until;
    }
    expect(lengths).toEqual([10, 20, 40, 80, 160, 320, 360, 360, 360]);
  });

  test('it holds until its time and no longer', () => {
    const pin = ranOut(1);
    expect(pinned(pin, nothing, 10 * minuteMs - 1)).toBe(true);
    expect(pinned(pin, nothing, 10 * minuteMs)).toBe(false);
    expect(pinned(undefined, nothing, 0)).toBe(false);
  });

  test('several that ran out together count once', () => {
    const pin = ranOut(1);
    expect(pinAfterOom(pin, nothing, 100)).toBe(pin);
    expect(pinAfterOom(pin, { resident: true }, 100)).toBe(pin);
  });

  test('each six quiet hours after its end forgive one time', () => {
    const pin = ranOut(3);
    expect(pinAfterOom(pin, nothing, pin.until + 6 * hourMs - 1).times).toBe(4);
    expect(pinAfterOom(pin, nothing, pin.until + 6 * hourMs).times).toBe(3);
    expect(pinAfterOom(pin, nothing, pin.until + 100 * hourMs).times).toBe(1);
    expect(ranOut(50).times).toBe(7);
  });

  test('a first trial that goes well after its end makes all of it forgotten', () => {
    const pin = ranOut(3);
    expect(pinAfterSuccess(pin, undefined, pin.until)).toBeUndefined();
  });

  test('a success before its end forgives one time and leaves it in force', () => {
    const pin = ranOut(3);
    const after = pinAfterSuccess(pin, undefined, pin.until - 1);
    expect(after).toEqual({ ...pin, times: 2 });
    expect(pinAfterSuccess(ranOut(1), undefined, 100)).toBeUndefined();
  });
});

describe('facts that end a pin early', () => {
  const pin = ranOut(1, { freeBytes: 1_000 });

  test.each([
    ['it fits with a tenth to spare', { needBytes: 1_000, freeBytes: 1_101 }, false],
    ['it fits only just', { needBytes: 1_000, freeBytes: 1_099 }, true],
    ['no more is free than when it ran out', { needBytes: 100, freeBytes: 1_000 }, true],
    ['nobody knows what it needs', { freeBytes: 9_000 }, true],
    ['nobody knows what is free', { needBytes: 100 }, true],
    ['somebody else loaded it', { resident: true }, false],
  ])('%s', (_what, facts: PinFacts, holds) => {
    expect(pinned(pin, facts, 100)).toBe(holds);
  });

  test('what is free counts also where it was not known when it ran out', () => {
    expect(pinned(ranOut(1), { needBytes: 100, freeBytes: 1_000 }, 100)).toBe(false);
  });

  test('an estimate that let it go too early is not believed again, and the pin grows', () => {
    const fits = { needBytes: 100, freeBytes: 2_000 };
    expect(pinned(pin, fits, 100)).toBe(false);
    const again = pinAfterOom(pin, fits, 100);
    expect(again.times).toBe(2);
    expect(pinned(again, { needBytes: 100, freeBytes: 9_000 }, 200)).toBe(true);
    expect(pinned(again, { resident: true }, 200)).toBe(false);
    const later = pinAfterOom(again, fits, again.until);
    expect(pinned(later, { needBytes: 100, freeBytes: 9_000 }, again.until)).toBe(false);
  });
});

describe('context length', () => {
  const pin = ranOut(1, { contextTokens: 8_192 });

  test('a shorter context may fit where a longer did not', () => {
    expect(pinned(pin, { contextTokens: 4_096 }, 100)).toBe(false);
    expect(pinned(pin, { contextTokens: 8_192 }, 100)).toBe(true);
    expect(pinned(pin, { contextTokens: 16_384 }, 100)).toBe(true);
    expect(pinned(pin, nothing, 100)).toBe(true);
  });

  test('a success with a shorter context says nothing of the longer', () => {
    expect(pinAfterSuccess(pin, 4_096, 100)).toBe(pin);
    expect(pinAfterSuccess(pin, 8_192, 100)).toBeUndefined();
  });

  test('running out with a shorter context as well pins that one too', () => {
    const lower = pinAfterOom(pin, { contextTokens: 4_096 }, 100);
    expect(lower).toMatchObject({ times: 2, contextTokens: 4_096, refuted: false });
  });
});

describe('the first trial after a pin', () => {
  const pin = ranOut(1, { contextTokens: 8_192 });
  const { until } = pin;

  test('it waits for a host with nothing to lose', () => {
    expect(trialAllowed(pin, nothing, 1, until)).toBe(false);
    expect(trialAllowed(pin, nothing, 0, until)).toBe(true);
  });

  test.each([
    ['there is no pin', undefined, nothing, until],
    ['the pin holds, which is not its business', pin, nothing, until - 1],
    ['the model is in memory', pin, { resident: true }, until],
    ['the context is shorter', pin, { contextTokens: 100 }, until],
    ['all is forgiven', pin, nothing, until + 6 * hourMs],
  ])('a busy host is no obstacle where %s', (_what, maybePin, facts: PinFacts, now) => {
    expect(trialAllowed(maybePin, facts, 3, now)).toBe(true);
  });
});

describe('whatever happens to a pin', () => {
  const bytes = fc.option(fc.nat(4_000), { nil: undefined });
  const facts: fc.Arbitrary<PinFacts> = fc.record({
    contextTokens: fc.option(fc.constantFrom(2_048, 8_192, 32_768), { nil: undefined }),
    needBytes: bytes,
    freeBytes: bytes,
    resident: fc.boolean(),
  });
  const step = fc.record({
    do: fc.constantFrom('run out' as const, 'succeed' as const),
    afterMs: fc.oneof(fc.nat(minuteMs), fc.nat(12 * hourMs)),
    facts,
  });

  test('it is never longer than six hours, ends by itself, and what it forgot never comes back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), facts, (steps, later) => {
        let pin: Pin | undefined;
        let now = 0;
        for (const each of steps) {
          now += each.afterMs;
          const before = pin;
          if (each.do === 'run out') {
            pin = pinAfterOom(pin, each.facts, now);
            expect(pin.until).toBeGreaterThan(now);
            expect(pin.until - now).toBeLessThanOrEqual(6 * hourMs);
            expect(pin.times).toBeWithin(1, 8);
            expect(pin.times).toBeLessThanOrEqual((before?.times ?? 0) + 1);
            expect(pinned(pin, { ...each.facts, resident: false }, now)).toBe(true);
          } else if (pin !== undefined) {
            pin = pinAfterSuccess(pin, each.facts.contextTokens, now);
            expect(pin?.until ?? 0).toBeLessThanOrEqual(before?.until ?? 0);
            expect(pin?.times ?? 0).toBeLessThanOrEqual(before?.times ?? 0);
          }
          const end = pin?.until ?? now;
          expect(pinned(pin, later, end)).toBe(false);
          expect(trialAllowed(pin, later, 0, end)).toBe(true);
          expect(trialAllowed(pin, later, 9, end + 7 * 6 * hourMs)).toBe(true);
        }
      }),
      { numRuns: propertyRuns },
    );
  });

  test('where time begins changes nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 1e9 }), (steps, from) => {
        const story = (start: number) => {
          let pin: Pin | undefined;
          let now = start;
          return steps.map((each) => {
            now += each.afterMs;
            if (each.do === 'run out') pin = pinAfterOom(pin, each.facts, now);
            else pin = pin && pinAfterSuccess(pin, each.facts.contextTokens, now);
            return [pin && pin.until - now, pin?.times, pinned(pin, each.facts, now)];
          });
        };
        expect(story(from)).toEqual(story(0));
      }),
      { numRuns: propertyRuns },
    );
  });
});

describe('memory pressure', () => {
  const after = (...ooms: readonly (readonly [string, number])[]): MemoryPressure | undefined => {
    let pressure: MemoryPressure | undefined;
    for (const [upstream, now] of ooms) pressure = pressureAfterOom(pressure, upstream, now);
    return pressure;
  };

  test('three models that ran out within ten minutes stop loads for five', () => {
    const pressure = after(['a', 0], ['b', minuteMs], ['c', 10 * minuteMs - 1]);
    expect(underPressure(pressure, 15 * minuteMs - 2)).toBe(true);
    expect(underPressure(pressure, 15 * minuteMs - 1)).toBe(false);
  });

  test.each([
    [
      'two models',
      [
        ['a', 0],
        ['b', 1],
      ],
    ],
    [
      'one model three times',
      [
        ['a', 0],
        ['a', 1],
        ['a', 2],
      ],
    ],
    [
      'three models over more than ten minutes',
      [
        ['a', 0],
        ['b', 1],
        ['c', 10 * minuteMs],
      ],
    ],
  ] as const)('%s are not enough', (_what, ooms) => {
    const pressure = after(...ooms);
    expect(underPressure(pressure, ooms.at(-1)?.[1] ?? 0)).toBe(false);
  });

  test('a fourth soon after puts it under pressure again, and only the last three are kept', () => {
    const pressure = after(['a', 0], ['b', 0], ['c', 0], ['d', 6 * minuteMs]);
    expect(underPressure(pressure, 11 * minuteMs - 1)).toBe(true);
    expect(pressure?.recent.map(({ upstream }) => upstream)).toEqual(['b', 'c', 'd']);
  });

  test('one that ran out again later does not cut it short', () => {
    const pressure = after(['a', 0], ['b', 0], ['c', 9 * minuteMs], ['c', 11 * minuteMs]);
    expect(underPressure(pressure, 14 * minuteMs - 1)).toBe(true);
    expect(underPressure(pressure, 14 * minuteMs)).toBe(false);
  });

  test('a host nothing ran out on is under none', () => {
    expect(underPressure(undefined, 0)).toBe(false);
  });
});
