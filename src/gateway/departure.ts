/** The one place that knows whether the client is still there. Shell. */

/** Both of a runtime's signs, the request's signal and the stream's cancel, end here. */
export interface Departure {
  readonly left: () => boolean;
  /** What to do when the client leaves; replaces what was set before, since one phase follows the other. */
  readonly whenLeft: (run: (() => void) | undefined) => void;
  readonly leave: () => void;
}

/** Listens to the request's signal; a sign after the answer is complete finds nothing to run. */
export const createDeparture = (signal: AbortSignal): Departure => {
  let left = signal.aborted;
  let run: (() => void) | undefined;
  const leave = (): void => {
    if (left) return;
    left = true;
    run?.();
  };
  signal.addEventListener('abort', leave, { once: true });
  return {
    left: () => left,
    whenLeft: (next) => {
      run = next;
      if (left) next?.();
    },
    leave,
  };
};
