/** Durations, names and facts as people read them. */

/** `70 ms`, `1.2 s`, `3 min`; a dash where nothing is known. */
export const durationText = (durationMs: number | undefined): string => {
  if (durationMs === undefined) return '-';
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 10_000) return `${(durationMs / 1000).toFixed(1)} s`;
  return durationMs < 120_000
    ? `${Math.round(durationMs / 1000)} s`
    : `${Math.round(durationMs / 60_000)} min`;
};

/** A text from elsewhere on one line, so that no name of a model can steer a terminal. */
export const plainText = (text: string): string => text.replace(/\p{Cc}/gu, '?');
