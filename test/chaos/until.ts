/** Waits for something that can be seen. */

/** Resolves with the time it took; rejects with what was waited for. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs: number | (() => number),
  everyMs = 10,
): Promise<number> => {
  const startedAt = performance.now();
  while (!(await holds())) {
    const limitMs = typeof withinMs === 'number' ? withinMs : withinMs();
    if (performance.now() - startedAt > limitMs)
      throw new Error(`${what}: not within ${Math.round(limitMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return performance.now() - startedAt;
};
