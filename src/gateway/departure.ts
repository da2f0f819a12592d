/** The one place that knows whether a request is still wanted. Shell. */

/** Who ended it: the client by leaving, or this instance because it shuts down. */
export type DepartureReason = 'left' | 'drain';

/** Both of a runtime's signs of a client gone, the request's signal and the stream's cancel, end here. */
export interface Departure {
  reason: DepartureReason | undefined;
  /** What to do when it happens. */
  run: ((why: DepartureReason) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** Ends the request; the first reason stands. */
export const leave = (departure: Departure, why: DepartureReason): void => {
  if (departure.reason !== undefined) return;
  departure.reason = why;
  departure.run?.(why);
};

/** Listens to the request's signal; a sign after the answer is complete finds nothing to end. */
export const createDeparture = (signal: AbortSignal): Departure => {
  const departure: Departure = {
    reason: signal.aborted ? 'left' : undefined,
    run: undefined,
    signal,
    onAbort: () => leave(departure, 'left'),
  };
  if (departure.reason === undefined) signal.addEventListener('abort', departure.onAbort);
  return departure;
};

/** Says what to do when the client leaves; replaces what was said before, since one phase follows the other. */
export const whenLeft = (departure: Departure, run: ((why: DepartureReason) => void) | undefined): void => {
  departure.run = run;
  if (departure.reason !== undefined) run?.(departure.reason);
};

/** The request is over: lets go of everything, since a runtime may keep the signal for ever. */
export const departureOver = (departure: Departure): void => {
  departure.run = undefined;
  departure.signal.removeEventListener('abort', departure.onAbort);
};
