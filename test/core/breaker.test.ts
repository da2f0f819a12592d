import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  admits,
  type Breaker,
  closedBreaker,
  isResting,
  onCancel,
  onFailure,
  onStart,
  onSuccess,
  type RestingBreaker,
  reopensAt,
  slotCap,
} from '../../src/core/breaker.ts';
import { propertyRuns } from '../property-runs.ts';

const settings = { failures: 3, openMs: 5_000, maxOpenMs: 120_000 };

/** The dice's middle: a factor of exactly one. */
const noJitter = 0.5;

const fail = (breaker: Breaker, now: number, ticket = breaker.epoch, weight = 1): Breaker =>
  onFailure(breaker, { ticket, weight, reason: 'crashed' }, settings, now, noJitter);

const failTimes = (breaker: Breaker, times: number, now: number): Breaker => {
  let current = breaker;
  for (let count = 0; count < times; count += 1) current = fail(current, now);
  return current;
};

const resting = (breaker: Breaker): RestingBreaker => {
  if (!isResting(breaker)) throw new TypeError(`the breaker is ${breaker.state}`);
  return breaker;
};

const ask = (breaker: Breaker, outcome: 'success' | 'failure', now: number): Breaker => {
  const started = onStart(breaker);
  return outcome === 'success' ? onSuccess(started, started.epoch, now) : fail(started, now, started.epoch);
};

/** Opened once at 0, until 5 000. */
const opened = failTimes(closedBreaker, 3, 0);

describe('opening', () => {
  test('the third failure in a row opens it, with what that failure said', () => {
    expect(failTimes(closedBreaker, 2, 100).state).toBe('closed');
    expect(failTimes(closedBreaker, 3, 100)).toMatchObject({
      state: 'open',
      until: 5_100,
      failures: 3,
      reason: 'crashed',
      openings: 1,
    });
  });

  test('a success between failures starts the count again', () => {
    let breaker = failTimes(closedBreaker, 2, 0);
    breaker = onSuccess(breaker, breaker.epoch, 1);
    expect(failTimes(breaker, 2, 2).state).toBe('closed');
    expect(failTimes(breaker, 3, 2).state).toBe('open');
  });

  test('a failure of weight two counts for two', () => {
    expect(fail(fail(closedBreaker, 0), 0, closedBreaker.epoch, 2).state).toBe('open');
  });

  const mixed = (outcomes: string, everyMs: number): Breaker => {
    let breaker = closedBreaker;
    [...outcomes].forEach((outcome, index) => {
      const now = index * everyMs;
      breaker = outcome === '+' ? onSuccess(breaker, breaker.epoch, now) : fail(breaker, now);
    });
    return breaker;
  };

  test.each([
    ['half of ten', '+-+-+-+-+-', 100, 'open'],
    ['less than half of ten', '+-+-+-+-++-', 100, 'closed'],
    ['half of fewer than ten', '-+-+-+-+-', 100, 'closed'],
    ['half of ten over less than the window', '+-+-+-+-+-', 6_000, 'open'],
    ['half of ten over more than the window', '+-+-+-+-+-', 7_000, 'closed'],
    ['five among many', '+++++++++-+-+-+-+-', 100, 'closed'],
  ])('the share of failures: %s', (_what, outcomes, everyMs, state) => {
    expect(mixed(outcomes, everyMs).state).toBe(state as Breaker['state']);
  });

  test('the window holds a minute and forgets what is older', () => {
    const old = mixed('+-+-+-+-+', 0);
    expect(fail(old, 59_999).state).toBe('open');
    expect(fail(old, 60_000).state).toBe('closed');
  });

  test('the window never holds more than its parts', () => {
    let breaker = closedBreaker;
    for (let now = 0; now < 600_000; now += 1_700) breaker = onSuccess(breaker, breaker.epoch, now);
    expect('window' in breaker && breaker.window.length).toBeLessThanOrEqual(12);
  });

  test('each opening in a row is twice as long, up to the limit, and apart by the dice', () => {
    let breaker = opened;
    let now = 0;
    const lengths = [reopensAt(breaker)];
    for (let count = 0; count < 6; count += 1) {
      now = reopensAt(breaker);
      breaker = ask(breaker, 'failure', now);
      lengths.push(reopensAt(breaker) - now);
    }
    expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    const almost = failTimes(closedBreaker, 2, 0);
    const failure = { ticket: almost.epoch, weight: 1, reason: 'crashed' };
    expect(reopensAt(onFailure(almost, failure, settings, 0, 0))).toBe(4_000);
    expect(reopensAt(onFailure(almost, failure, settings, 0, 1))).toBeCloseTo(6_000);
  });

  test('each healthy minute forgives one opening', () => {
    let breaker = opened;
    for (let count = 0; count < 3; count += 1) breaker = ask(breaker, 'failure', reopensAt(breaker));
    expect(breaker.openings).toBe(4);
    const now = reopensAt(breaker);
    const recovered = ask(ask(breaker, 'success', now), 'success', now);
    expect(failTimes(recovered, 3, now + 59_999).openings).toBe(5);
    expect(failTimes(recovered, 3, now + 60_000).openings).toBe(4);
    expect(failTimes(recovered, 3, now + 180_000).openings).toBe(2);
    expect(failTimes(recovered, 3, now + 9_000_000).openings).toBe(1);
  });

  test('a host that was dead for a day is not distrusted for a day', () => {
    let breaker = opened;
    for (let count = 0; count < 1_000; count += 1) breaker = ask(breaker, 'failure', reopensAt(breaker));
    expect(breaker.openings).toBe(6);
  });
});

describe('half open', () => {
  test('nothing passes before the time, and one request after it', () => {
    expect(admits(opened, 4_999)).toBe('no');
    expect(admits(opened, 5_000)).toBe('probe');
    const probing = onStart(opened);
    expect(probing.state).toBe('half-open');
    expect(admits(probing, 999_999)).toBe('no');
  });

  test('the first success lets the next probe through, the second ends the trial', () => {
    const once = ask(opened, 'success', 5_000);
    expect(once.state).toBe('half-open');
    expect(admits(once, 5_000)).toBe('probe');
    expect(ask(once, 'success', 5_100).state).toBe('ramp');
  });

  test('a failure after one success opens it again, and for longer', () => {
    const again = ask(ask(opened, 'success', 5_000), 'failure', 5_000);
    expect(again).toMatchObject({ state: 'open', until: 15_000, openings: 2, failures: 4 });
  });

  test('a probe that said nothing frees its place and changes nothing else', () => {
    const probing = onStart(opened);
    const freed = onCancel(probing, probing.epoch);
    expect(admits(freed, 5_000)).toBe('probe');
    expect(resting(freed)).toMatchObject({ until: 5_000, openings: 1 });
    const once = ask(opened, 'success', 5_000);
    const second = onStart(once);
    expect(onCancel(second, second.epoch)).toMatchObject({
      state: 'half-open',
      successes: 1,
      probe: undefined,
    });
  });

  test('a trial before the time that fails brings the same rest again, not a longer one', () => {
    const again = ask(opened, 'failure', 2_000);
    expect(again).toMatchObject({ state: 'open', until: 7_000, openings: 1 });
  });

  test('a trial before the time that says nothing shortens no rest', () => {
    const trial = onStart(opened);
    expect(admits(onCancel(trial, trial.epoch), 4_999)).toBe('no');
  });

  test('a trial before the time that goes well lets the next one through at once', () => {
    expect(admits(ask(opened, 'success', 1_000), 1_001)).toBe('probe');
  });

  test('a request sent in spite of a probe takes no place', () => {
    const probing = onStart(opened);
    expect(onStart(probing)).toBe(probing);
  });

  test('what was sent before the opening neither closes it, opens it, nor takes the place of the probe', () => {
    const before = closedBreaker.epoch;
    expect(onSuccess(opened, before, 100)).toBe(opened);
    expect(fail(opened, 100, before)).toBe(opened);
    const probing = onStart(opened);
    expect(onSuccess(probing, before, 5_100)).toBe(probing);
    expect(fail(probing, 5_100, before)).toBe(probing);
    expect(onCancel(probing, before)).toBe(probing);
    const recovered = ask(ask(opened, 'success', 5_000), 'success', 5_000);
    expect(failTimes(recovered, 0, 5_000)).toBe(recovered);
    expect(fail(recovered, 5_100, before, 9)).toBe(recovered);
    expect(onSuccess(recovered, before, 5_100)).toBe(recovered);
  });

  test('a first probe that breaks off later opens it again while the second still runs, and no third joins it', () => {
    const first = onStart(opened);
    const once = onSuccess(first, first.epoch, 5_000);
    const second = onStart(once);
    const again = fail(second, 6_000, first.epoch);
    expect(again).toMatchObject({ state: 'open', openings: 2, probe: second.epoch });
    expect(admits(again, reopensAt(again))).toBe('no');
    const freed = onSuccess(again, second.epoch, 7_000);
    expect(admits(freed, reopensAt(again) - 1)).toBe('no');
    expect(admits(freed, reopensAt(again))).toBe('probe');
  });
});

describe('the ramp', () => {
  const ramp = ask(ask(opened, 'success', 5_000), 'success', 5_000);

  test.each([
    [0, 1],
    [1, 1],
    [7_501, 2],
    [15_000, 2],
    [15_001, 3],
    [29_999, 4],
    [30_000, 4],
    [90_000, 4],
  ])('after %d ms it has %d of four slots', (afterMs, slots) => {
    expect(slotCap(ramp, 4, 5_000 + afterMs)).toBe(slots);
    expect(slotCap(ramp, 1, 5_000 + afterMs)).toBe(1);
  });

  test('a pair that is set aside has one slot, for the probe, and a closed one has all', () => {
    expect(slotCap(opened, 4, 0)).toBe(1);
    expect(slotCap(closedBreaker, 4, 0)).toBe(4);
  });

  test('it ends with the first success after its time', () => {
    expect(onSuccess(ramp, ramp.epoch, 34_999).state).toBe('ramp');
    expect(onSuccess(ramp, ramp.epoch, 35_000)).toMatchObject({ state: 'closed', openings: 1 });
  });

  test('it opens as a closed one does, for longer than the last time', () => {
    expect(failTimes(ramp, 2, 6_000).state).toBe('ramp');
    expect(failTimes(ramp, 3, 6_000)).toMatchObject({ state: 'open', until: 16_000, openings: 2 });
  });
});

/** A request as its sender knows it. */
interface Sent {
  readonly ticket: number;
  /** Let through as the only one. */
  readonly probe: boolean;
  /** Content came: it may still break off. */
  answered: boolean;
}

interface World {
  now: number;
  breaker: Breaker;
  readonly sent: Sent[];
}

type Step =
  | { readonly do: 'wait'; readonly forMs: number }
  | { readonly do: 'start' }
  | { readonly do: 'last resort' }
  | { readonly do: 'succeed'; readonly which: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'fail'; readonly which: number; readonly weight: 1 | 2; readonly random: number };

const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), forMs: fc.oneof(fc.nat(2_000), fc.nat(150_000)) }),
  fc.record({ do: fc.constant('start' as const) }),
  fc.record({ do: fc.constant('start' as const) }),
  fc.record({ do: fc.constant('last resort' as const) }),
  fc.record({ do: fc.constant('succeed' as const), which }),
  fc.record({ do: fc.constant('cancel' as const), which }),
  fc.record({
    do: fc.constant('fail' as const),
    which,
    weight: fc.constantFrom(1 as const, 2 as const),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
);

const send = (world: World): void => {
  const probe = isResting(world.breaker);
  world.breaker = onStart(world.breaker);
  world.sent.push({ ticket: world.breaker.epoch, probe, answered: false });
};

/** Does what a shell may do, and nothing else. */
const act = (world: World, step: Step): void => {
  const { breaker, sent } = world;
  if (step.do === 'wait') world.now += step.forMs;
  else if (step.do === 'start') {
    if (admits(breaker, world.now) !== 'no') send(world);
  } else if (step.do === 'last resort') {
    if (isResting(breaker) && breaker.probe === undefined) send(world);
  } else {
    const at = sent.length === 0 ? -1 : step.which % sent.length;
    const request = sent[at];
    if (request === undefined) return;
    if (step.do === 'succeed') {
      if (request.answered) sent.splice(at, 1);
      else world.breaker = onSuccess(breaker, request.ticket, world.now);
      request.answered = true;
      return;
    }
    sent.splice(at, 1);
    const { ticket } = request;
    if (step.do === 'cancel') world.breaker = onCancel(breaker, ticket);
    else {
      const { weight, random } = step;
      world.breaker = onFailure(breaker, { ticket, weight, reason: 'crashed' }, settings, world.now, random);
    }
  }
};

const newWorld = (now: number): World => ({ now, breaker: closedBreaker, sent: [] });

const silentProbes = ({ sent }: World): number => sent.filter((each) => each.probe && !each.answered).length;

/** A step as a command, so that a failing run shrinks to the steps that matter. */
const command = (step: Step): fc.Command<{ longest: number }, World> => ({
  check: () => true,
  toString: () => JSON.stringify(step),
  run: (model, world) => {
    const before = world.breaker;
    act(world, step);
    const { breaker, now } = world;
    expect(silentProbes(world)).toBeLessThanOrEqual(1);
    expect(breaker.epoch).toBeGreaterThanOrEqual(before.epoch);
    expect(slotCap(breaker, 4, now)).toBeWithin(1, 5);
    if (!isResting(breaker)) {
      expect(admits(breaker, now)).toBe('yes');
      expect(breaker.consecutive).toBeLessThan(settings.failures);
      return;
    }
    if (silentProbes(world) > 0) expect(admits(breaker, now)).toBe('no');
    if (breaker.state === 'open' && now < breaker.until) expect(admits(breaker, now)).toBe('no');
    if (breaker.openedEpoch === before.openedEpoch) {
      expect(breaker.until).toBe(resting(before).until);
      return;
    }
    expect(step.do).toBe('fail');
    const restMs = breaker.until - now;
    const middleMs = Math.min(settings.maxOpenMs, settings.openMs * 2 ** (breaker.openings - 1));
    expect(restMs / middleMs).toBeWithin(0.8 - 1e-9, 1.2 + 1e-9);
    expect(breaker.openings).toBeLessThanOrEqual(model.longest + 1);
    model.longest = Math.max(model.longest, breaker.openings);
  },
});

const steps = fc.array(step, { maxLength: 60 });

describe('whatever happens', () => {
  test('there are never two probes at once, nothing passes before its time, and rests are as long as they should be', () => {
    fc.assert(
      fc.property(fc.commands([step.map(command)], { maxCommands: 60, size: 'max' }), (commands) => {
        fc.modelRun(() => ({ model: { longest: 0 }, real: newWorld(0) }), commands);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('where time begins changes nothing', () => {
    const story = (from: number, all: readonly Step[]) => {
      const world = newWorld(from);
      return all.map((each) => {
        act(world, each);
        const { breaker, now } = world;
        const left = isResting(breaker) ? Math.round(1000 * (breaker.until - now)) : 0;
        return [breaker.state, left, admits(breaker, now), slotCap(breaker, 4, now)];
      });
    };
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 10_000_000 }), (all, from) => {
        expect(story(from, all)).toEqual(story(0, all));
      }),
      { numRuns: propertyRuns },
    );
  });

  test('from every state, successes lead back to all slots within what is left of the rest and 30 s', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = newWorld(0);
        for (const each of all) act(world, each);
        const from = world.now;
        while (world.sent.length > 0) act(world, { do: 'cancel', which: 0 });
        const reopens = Math.max(from, reopensAt(world.breaker));
        world.now = Math.ceil(reopens);
        for (let count = 0; count < 2; count += 1) {
          expect(admits(world.breaker, world.now)).not.toBe('no');
          act(world, { do: 'start' });
          act(world, { do: 'succeed', which: world.sent.length - 1 });
        }
        world.now += 30_000;
        expect(slotCap(world.breaker, 4, world.now)).toBe(4);
        act(world, { do: 'start' });
        act(world, { do: 'succeed', which: world.sent.length - 1 });
        expect(world.breaker.state).toBe('closed');
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a pair that flaps every seven seconds rests longer and longer, and soon meets few requests', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (dice) => {
          let breaker = closedBreaker;
          const openings: number[] = [];
          let failedLate = 0;
          for (let now = 0; now < 3_600_000; now += 250) {
            if (admits(breaker, now) === 'no') continue;
            const started = onStart(breaker);
            const { epoch: ticket } = started;
            if (Math.floor(now / 7_000) % 2 === 0) {
              breaker = onSuccess(started, ticket, now);
              continue;
            }
            const random = dice.next().value ?? 0;
            breaker = onFailure(started, { ticket, weight: 1, reason: 'reset' }, settings, now, random);
            if (isResting(breaker)) openings.push(breaker.openings);
            if (now >= 120_000) failedLate += 1;
          }
          expect(openings.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
          expect(Math.min(...openings.slice(6))).toBe(6);
          expect(failedLate).toBeLessThan(0.01 * 4 * 3_480);
        },
      ),
      { numRuns: Math.min(50, propertyRuns) },
    );
  });
});
