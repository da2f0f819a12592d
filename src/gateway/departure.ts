/** The one place that knows whether a request is still wanted. Shell. */

import type { Clock } from '../spec/ports.ts';
import { startWatch, type Watched } from './watchdog.ts';

/** Who ended it: the client by leaving, or this instance because it shuts down. */
export type DepartureReason = 'left' | 'drain';

/** A server's idle timer, which is for slow senders and not for slow answers. */
export interface IdleTimer {
  liftTimeout(request: Request): void;
  restoreTimeout(request: Request): void;
}

/** Both of a runtime's signs of a client gone, the request's signal and the stream's cancel, end here. */
export interface Departure {
  reason: DepartureReason | undefined;
  /** What to do when it happens. */
  run: ((why: DepartureReason) => void) | undefined;
  readonly request: Request;
  readonly timer: IdleTimer | undefined;
  state: 'young' | 'watched' | 'over';
  onAbort: (() => void) | undefined;
  /** The attempt that runs, or ran last. */
  attempt: Watched | undefined;
}

/**
 * A request is looked at this long after it came, and watched from then on. Most small ones are over by then,
 * and listening to a signal costs more than answering them; a signal shows what happened before it was asked for.
 */
const youngMs = 25;

/** Ends the request; the first reason stands. */
export const leave = (departure: Departure, why: DepartureReason): void => {
  if (departure.reason !== undefined) return;
  departure.reason = why;
  departure.attempt?.cut(why);
  departure.run?.(why);
};

const watch = (departure: Departure): void => {
  departure.state = 'watched';
  departure.timer?.liftTimeout(departure.request);
  if (departure.attempt !== undefined) startWatch(departure.attempt);
  const { signal } = departure.request;
  if (signal.aborted) {
    leave(departure, 'left');
    return;
  }
  departure.onAbort = () => leave(departure, 'left');
  signal.addEventListener('abort', departure.onAbort);
};

/** Has an attempt timed, from now on or from when the request is watched, and cut when the request ends early. */
export const watchAttempt = (departure: Departure, attempt: Watched): void => {
  departure.attempt = attempt;
  if (departure.state !== 'young') startWatch(attempt);
  if (departure.reason !== undefined) attempt.cut(departure.reason);
};

/** Says what else to do when the client leaves; replaces what was said before. */
export const whenLeft = (departure: Departure, run: ((why: DepartureReason) => void) | undefined): void => {
  departure.run = run;
  if (departure.reason !== undefined) run?.(departure.reason);
};

/** The request is over: lets go of everything, since a runtime may keep the signal for ever. */
export const departureOver = (departure: Departure): void => {
  const { state, request, timer, onAbort } = departure;
  departure.state = 'over';
  departure.run = undefined;
  departure.attempt = undefined;
  if (state !== 'watched') return;
  timer?.restoreTimeout(request);
  if (onAbort !== undefined) request.signal.removeEventListener('abort', onAbort);
};

/** A request that is still being received: its server's idle timer holds. */
export const createDeparture = (request: Request, timer: IdleTimer | undefined): Departure => ({
  reason: undefined,
  run: undefined,
  request,
  timer,
  state: 'young',
  onAbort: undefined,
  attempt: undefined,
});

/** Takes a request whose body was read; one timer looks after all that are young. */
export type Nursery = (departure: Departure) => void;

/** Nobody is looked after yet. */
export const createNursery = (after: Clock['after']): Nursery => {
  let young: Departure[] = [];

  const sweep = (): void => {
    const grown = young;
    young = [];
    for (const departure of grown) if (departure.state === 'young') watch(departure);
  };

  return (departure) => {
    if (young.length === 0) after(youngMs, sweep);
    young.push(departure);
  };
};
