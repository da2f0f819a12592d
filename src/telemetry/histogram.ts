/** Counts by bucket; an observation costs a walk over a dozen bounds and allocates nothing. */

import type { Sample } from './exposition.ts';

export interface Histogram {
  observe(value: number): void;
  /** Cumulative buckets, sum and count, as the text format wants them. */
  samples(labels: string): readonly Sample[];
}

/** `bounds` are upper limits in rising order; what is above them counts only in the last bucket. */
export const createHistogram = (bounds: readonly number[]): Histogram => {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe: (value) => {
      let index = 0;
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
    },
    samples: (labels) => {
      const joined = labels === '' ? '' : `${labels},`;
      let total = 0;
      const buckets = counts.map((count, index): Sample => {
        total += count;
        const bound = bounds[index];
        return { labels: `${joined}le="${bound ?? '+Inf'}"`, value: total, suffix: '_bucket' };
      });
      return [...buckets, { labels, value: sum, suffix: '_sum' }, { labels, value: total, suffix: '_count' }];
    },
  };
};
