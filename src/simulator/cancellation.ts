/** One request's "the caller has left", shared by everything that works for it. */

/** A flag that can be waited for; once set it stays. */
export interface Cancellation {
  readonly cancelled: () => boolean;
  cancel(): void;
  /** Runs once when the caller leaves; the returned function takes the wish back. */
  onCancel(run: () => void): () => void;
}

/** Cheaper than an `AbortController`, and its listeners run in the order they came, which keeps runs repeatable. */
export const createCancellation = (): Cancellation => {
  let cancelled = false;
  const listeners = new Set<() => void>();
  return {
    cancelled: () => cancelled,
    cancel() {
      if (cancelled) return;
      cancelled = true;
      for (const run of listeners) run();
      listeners.clear();
    },
    onCancel(run) {
      listeners.add(run);
      return () => listeners.delete(run);
    },
  };
};
