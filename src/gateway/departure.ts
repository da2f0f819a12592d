/** The one place that knows whether a request is still wanted. Shell. */

/** Who ended it: the client by leaving, or this instance because it shuts down. */
export type DepartureReason = 'left' | 'drain';

/** Both of a runtime's signs of a client gone, the request's signal and the stream's cancel, end here. */
export interface Departure {
  readonly why: () => DepartureReason | undefined;
  /** What to do when it happens; replaces what was set before, since one phase follows the other. */
  readonly whenLeft: (run: ((why: DepartureReason) => void) | undefined) => void;
  readonly leave: (why: DepartureReason) => void;
  /** The request is over: lets go of everything, since a runtime may keep the signal for ever. */
  readonly over: () => void;
}

/** Listens to the request's signal; a sign after the answer is complete finds nothing to end. */
export const createDeparture = (signal: AbortSignal): Departure => {
  let reason: DepartureReason | undefined = signal.aborted ? 'left' : undefined;
  let run: ((why: DepartureReason) => void) | undefined;
  const leave = (why: DepartureReason): void => {
    if (reason !== undefined) return;
    reason = why;
    run?.(why);
  };
  const onAbort = (): void => leave('left');
  if (reason === undefined) signal.addEventListener('abort', onAbort, { once: true });
  return {
    why: () => reason,
    whenLeft: (next) => {
      run = next;
      if (reason !== undefined) next?.(reason);
    },
    leave,
    over: () => {
      run = undefined;
      signal.removeEventListener('abort', onAbort);
    },
  };
};
