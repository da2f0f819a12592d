/** The ways to turn scores into an order. Pure; chance is an argument. */

import type { Picker, Scored } from './policy.ts';

const byScore = (left: Scored, right: Scored): number => right.score - left.score;

const rotated = (scored: readonly Scored[], turn: number): Scored[] => {
  const start = turn % scored.length;
  return [...scored.slice(start), ...scored.slice(0, start)];
};

/** Best score first; equal scores keep the candidates' order, so that the same input gives the same plan. */
export const highest: Picker = (scored) => (scored.length < 2 ? scored : [...scored].sort(byScore));

/** Best score first, equal scores in turn, so that equals share the work. */
export const highestRotating: Picker = (scored, { turn }) =>
  scored.length < 2 ? scored : rotated(scored, turn).sort(byScore);

/** Each in turn, whatever the score. */
export const inTurn: Picker = (scored, { turn }) => (scored.length < 2 ? scored : rotated(scored, turn));

/** A random order that ignores scores. */
export const shuffled: Picker = (scored, { random }) =>
  scored
    .map((entry) => ({ entry, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ entry }) => entry);

/** A random order in which each comes first with a chance proportional to its score (exponential keys: -ln u / w). */
export const weighted: Picker = (scored, { random }) =>
  scored.length < 2
    ? scored
    : scored
        .map((entry) => ({ entry, key: entry.score > 0 ? -Math.log(1 - random()) / entry.score : Infinity }))
        // Two infinite keys have no difference.
        .sort((left, right) => (left.key === right.key ? 0 : left.key - right.key))
        .map(({ entry }) => entry);
