/**
 * A pin as instances tell it to each other, and its join. Every change of a pin begins an epoch, its release too, so that
 * a release by a new fact or by hand is not undone by who had not heard of it. Imports spec.
 */

import type { Millis } from '../../spec/vocabulary.ts';
import type { Pin } from '../pins.ts';

/** What is told of one pin; `until` is on the clock of whoever holds the fact, and travels as what is left. */
export interface PinFact {
  readonly epoch: number;
  /** Times the model ran out of memory that are not forgiven; 0: it is not pinned any more. */
  readonly times: number;
  readonly until: Millis;
  readonly contextTokens: number | undefined;
}

/** Greater than 0 where the left is later; the time is no part of it, or facts would grow by being passed on. */
export const comparePins = (
  left: Pick<PinFact, 'epoch' | 'times'>,
  right: Pick<PinFact, 'epoch' | 'times'>,
): number => left.epoch - right.epoch || left.times - right.times;

/** No context named is the widest pin. */
const width = ({ contextTokens }: PinFact): number => (contextTokens === undefined ? 0 : -contextTokens);

/** The later of two facts; of equals the longer and wider one. */
export const joinPins = (left: PinFact, right: PinFact): PinFact => {
  const order = comparePins(left, right) || left.until - right.until || width(left) - width(right);
  return order >= 0 ? left : right;
};

/** What an instance keeps to number the changes of its own pin. */
export interface PinTold {
  readonly epoch: number;
  readonly pin: Pin | undefined;
}

/** Nothing was told or heard. */
export const untoldPin: PinTold = { epoch: 0, pin: undefined };

/** Numbers the pin as it is now: a change since the last time begins an epoch. */
export const toldPin = (told: PinTold, pin: Pin | undefined): PinTold =>
  pin === told.pin ? told : { epoch: told.epoch + 1, pin };

/** What an instance tells of its pin. */
export const pinFact = ({ epoch, pin }: PinTold): PinFact => ({
  epoch,
  times: pin?.times ?? 0,
  until: pin?.until ?? 0,
  contextTokens: pin?.contextTokens,
});

/** Takes over what another instance knows if it is later than what this one knows; else changes nothing. */
export const adoptPin = (own: PinTold, fact: PinFact): PinTold => {
  if (comparePins(fact, pinFact(own)) <= 0) return own;
  const { epoch, times, until, contextTokens } = fact;
  if (times === 0) return { epoch, pin: undefined };
  return { epoch, pin: { until, times, contextTokens, sinceBytesFree: undefined, refuted: false } };
};
