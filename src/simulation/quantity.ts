/** Drawing from the distributions of a load. Pure; chance is an argument. */

import type { Quantity } from '../config/simulation-files.ts';
import type { Random } from '../spec/ports.ts';

/** How many standard deviations above its middle 95 of 100 draws of a normal distribution stay below. */
const p95Deviations = 1.6449;

/** A standard normal number (Box and Muller). */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** One draw of a lognormal quantity, never above its `max`. */
export const drawQuantity = ({ median, p95, max }: Quantity, random: Random): number => {
  const deviation = normal(random);
  if (median <= 0 || p95 <= median) return Math.min(median, max);
  return Math.min(max, median * Math.exp((deviation * Math.log(p95 / median)) / p95Deviations));
};

/** The same as a whole number of at least 1, for tokens and turns. */
export const drawCount = (quantity: Quantity, random: Random): number =>
  Math.max(1, Math.round(drawQuantity(quantity, random)));

/** The time to the next of events that come independently of each other, in the unit of the mean. */
export const drawGap = (mean: number, random: Random): number => -mean * Math.log(1 - random());

/** One of the names, by weight. */
export const drawName = (weights: Readonly<Record<string, number>>, random: Random): string => {
  const entries = Object.entries(weights);
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return entries.at(-1)?.[0] ?? '';
};
