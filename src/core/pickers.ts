/** The ways to turn scores into an order. Pure; chance is an argument. */

import type { Picker } from './policy.ts';

/** Best score first; equal scores keep the candidates' order, so that the same input gives the same plan. */
export const highest: Picker = (scored) =>
  scored.length < 2 ? scored : [...scored].sort((left, right) => right.score - left.score);

/** Best score first, and equals in turn, so that they share the work. */
export const highestRotating: Picker = (scored, random, turn) => {
  if (scored.length < 2) return scored;
  const shift = turn % scored.length;
  return highest([...scored.slice(shift), ...scored.slice(0, shift)], random, turn);
};

/** A random order that ignores scores. */
export const shuffled: Picker = (scored, random) =>
  scored
    .map((entry) => ({ entry, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ entry }) => entry);
