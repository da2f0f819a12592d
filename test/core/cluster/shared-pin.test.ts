import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { adoptPin, comparePins, pinFact, toldPin, untoldPin } from '../../../src/core/cluster/shared-pin.ts';
import { pinAfterOom, pinAfterSuccess } from '../../../src/core/pins.ts';
import { pinFacts } from './arbitrary-documents.ts';

const pin = pinAfterOom(undefined, { contextTokens: 4_096 }, 0);
const pinnedHere = toldPin(untoldPin, pin);

describe('a pin that is told', () => {
  test('holds where it is heard, for as long and for the same context', () => {
    const heard = adoptPin(untoldPin, pinFact(pinnedHere));
    expect(heard.pin).toMatchObject({ until: pin.until, times: 1, contextTokens: 4_096 });
  });

  test('is no change of whoever heard it, or two would number it in turn for ever', () => {
    const heard = adoptPin(untoldPin, pinFact(pinnedHere));
    expect(toldPin(heard, heard.pin)).toBe(heard);
    expect(comparePins(pinFact(heard), pinFact(pinnedHere))).toBe(0);
    expect(adoptPin(pinnedHere, pinFact(heard))).toBe(pinnedHere);
  });

  test('is released by whoever gets an answer, and not set again by who had not heard of that', () => {
    const heard = adoptPin(untoldPin, pinFact(pinnedHere));
    if (heard.pin === undefined) throw new Error('it was not heard');
    const released = toldPin(heard, pinAfterSuccess(heard.pin, 4_096, 1_000));
    expect(released.pin).toBeUndefined();
    expect(adoptPin(released, pinFact(pinnedHere))).toBe(released);
    expect(adoptPin(pinnedHere, pinFact(released)).pin).toBeUndefined();
  });

  test('that is set again holds again', () => {
    const released = toldPin(pinnedHere, undefined);
    const again = toldPin(released, pinAfterOom(undefined, {}, 5_000));
    expect(adoptPin(released, pinFact(again)).pin).toMatchObject({ until: 605_000 });
  });

  test('is known alike by two who hear the same in another order', () => {
    fc.assert(
      fc.property(fc.array(pinFacts, { maxLength: 6 }), (facts) => {
        const hear = (heard: typeof facts) => pinFact(heard.reduce(adoptPin, untoldPin));
        expect(comparePins(hear(facts), hear([...facts].reverse()))).toBe(0);
      }),
    );
  });
});
