import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  admits,
  type Breaker,
  closedBreaker,
  isResting,
  onFailure,
  onStart,
  onSuccess,
  slotCap,
} from '../../../src/core/breaker.ts';
import {
  adoptBreaker,
  breakerFact,
  compareBreakers,
  staggered,
} from '../../../src/core/cluster/shared-breaker.ts';
import { breakerFacts } from './arbitrary-documents.ts';

const settings = { failures: 1, openMs: 5_000, maxOpenMs: 120_000 };
const failure = (ticket: number) => ({ ticket, weight: 1, reason: 'it broke' });
const failed = (breaker: Breaker, now: number): Breaker =>
  onFailure(breaker, failure(breaker.epoch), settings, now, 0.5);
const at = (now: number, staggerMs = 0) => ({ now, staggerMs });

describe('a breaker that is told', () => {
  test('opens where it is heard, for what is left of the time', () => {
    const opened = failed(closedBreaker, 1_000);
    const heard = adoptBreaker(closedBreaker, breakerFact(opened, 1_000), at(1_000));
    expect(heard).toMatchObject({ state: 'open', until: 6_000, openings: 1 });
    expect(admits(heard, 5_999)).toBe('no');
    expect(admits(heard, 6_000)).toBe('probe');
  });

  test('lets the second in rank try a second later', () => {
    const opened = failed(closedBreaker, 0);
    expect(admits(adoptBreaker(closedBreaker, breakerFact(opened, 0), at(0, 1_000)), 5_500)).toBe('no');
    expect(admits(staggered(opened, 1_000), 5_500)).toBe('no');
    expect(breakerFact(staggered(opened, 1_000), 0)).toEqual(breakerFact(opened, 0));
  });

  test('is left alone while another instance tries it, and tried when that one says nothing', () => {
    const opened = failed(closedBreaker, 0);
    const trying = onStart(opened);
    const heard = adoptBreaker(opened, breakerFact(trying, 6_000), at(6_000));
    expect(admits(heard, 20_000)).toBe('no');
    expect(admits(heard, 36_000)).toBe('probe');
    expect(breakerFact(heard, 6_000).phase).toBe('probing');
  });

  test('is left alone for as long as the one that tries it says so itself, and no longer for what others repeat', () => {
    const opened = failed(closedBreaker, 0);
    const trying = onStart(opened);
    const heard = adoptBreaker(opened, breakerFact(trying, 6_000), at(6_000));
    const again = adoptBreaker(heard, breakerFact(trying, 30_000), at(30_000));
    expect(admits(again, 59_000)).toBe('no');
    const repeated = { ...breakerFact(again, 30_000), until: 90_000 };
    expect(adoptBreaker(again, repeated, at(31_000))).toBe(again);
    expect(admits(again, 60_000)).toBe('probe');
  });

  test('is no longer kept for the one whose trial went well when nobody asks for it there again', () => {
    const opened = failed(closedBreaker, 0);
    const trying = onStart(opened);
    const waiting = onSuccess(trying, trying.epoch, 7_000);
    const heard = adoptBreaker(opened, breakerFact(waiting, 7_000), at(7_000));
    expect(admits(heard, 11_900)).toBe('no');
    expect(adoptBreaker(heard, breakerFact(waiting, 11_900), at(11_900))).toMatchObject({ state: 'open' });
    const free = adoptBreaker(heard, breakerFact(waiting, 12_000), at(12_000));
    expect(free).toMatchObject({ state: 'ramp', since: 12_000 });
    expect(slotCap(free, 4, 12_000)).toBe(1);
    // Its own second trial puts it aside again.
    const again = breakerFact(onStart(waiting), 13_000);
    expect(adoptBreaker(free, again, at(13_000))).toMatchObject({ state: 'open', elsewhere: true });
  });

  test('closes everywhere when the trials went well', () => {
    const opened = failed(closedBreaker, 0);
    const first = onStart(opened);
    const second = onStart(onSuccess(first, first.epoch, 6_000));
    const back = onSuccess(second, second.epoch, 7_000);
    expect(back.state).toBe('ramp');
    const heard = adoptBreaker(opened, breakerFact(back, 7_000), at(7_000));
    expect(heard).toMatchObject({ state: 'ramp', since: 7_000, openings: 1 });
    // Requests that began before say nothing of it.
    expect(failed({ ...heard, epoch: opened.epoch } as Breaker, 7_001)).toMatchObject({ state: 'ramp' });
  });

  test('opens again after it closed, also where the closing was only heard', () => {
    const opened = failed(closedBreaker, 0);
    const trying = onStart(opened);
    const again = onStart(onSuccess(trying, trying.epoch, 6_000));
    const back = adoptBreaker(opened, breakerFact(onSuccess(again, again.epoch, 6_100), 6_100), at(6_100));
    const worse = failed(back, 7_000);
    expect(isResting(worse)).toBe(true);
    expect(compareBreakers(breakerFact(worse, 7_000), breakerFact(back, 7_000))).toBeGreaterThan(0);
  });

  test('keeps its own trial that runs, when another instance fails first', () => {
    const opened = failed(closedBreaker, 0);
    const trying = onStart(opened);
    const other = failed(onStart(failed(closedBreaker, 0)), 6_000);
    const heard = adoptBreaker(trying, breakerFact(other, 6_000), at(6_000));
    expect(heard).toMatchObject({ state: 'open', probe: trying.epoch });
    expect(admits(heard, 60_000)).toBe('no');
  });

  test('changes nothing by what is known already, so that no time grows by being passed on', () => {
    const opened = failed(closedBreaker, 0);
    const heard = adoptBreaker(closedBreaker, breakerFact(opened, 0), at(300));
    expect(adoptBreaker(opened, breakerFact(heard, 300), at(900))).toBe(opened);
  });

  test('is known alike by two who tell each other whatever they know', () => {
    fc.assert(
      fc.property(
        fc.array(breakerFacts, { maxLength: 6 }),
        fc.array(breakerFacts, { maxLength: 6 }),
        (one, other) => {
          const hear = (facts: typeof one): Breaker =>
            facts.reduce((breaker: Breaker, fact) => adoptBreaker(breaker, fact, at(0)), closedBreaker);
          const left = hear([...one, ...other]);
          const right = hear([...other, ...one]);
          expect(compareBreakers(breakerFact(left, 0), breakerFact(right, 0))).toBe(0);
        },
      ),
    );
  });
});
