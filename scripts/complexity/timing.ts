/** How long a score takes. */

import type { Row } from './routing-data.ts';

const characters = 4000;

/** Times over texts of 4,000 characters made of the rows. */
export const timesUs = (rows: readonly Row[], score: (prompt: string) => number): readonly number[] => {
  const text = rows.map(({ prompt }) => prompt).join('\n');
  const texts = Array.from({ length: 100 }, (_, index) =>
    text.slice(index * characters, (index + 1) * characters),
  ).filter(({ length }) => length === characters);
  const times: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    for (const one of texts) {
      const begun = performance.now();
      score(one);
      if (round >= 20) times.push((performance.now() - begun) * 1000);
    }
  }
  return times.sort((left, right) => left - right);
};

/** One line of text. */
export const timingLine = (rows: readonly Row[], score: (prompt: string) => number): string => {
  const times = timesUs(rows, score);
  const at = (share: number): string => (times[Math.floor(share * times.length)] ?? 0).toFixed(0);
  return `4,000 characters: p50 ${at(0.5)} us, p99 ${at(0.99)} us`;
};
