/**
 * How good a ranking of prompts is at choosing between a weak and a strong model: the measures of the literature on
 * routing. Pure; imports nothing.
 */

/** One prompt: how strongly it was sent to the strong model, what that gains, and how much it counts. */
export interface JudgedPrompt {
  readonly score: number;
  /** Quality of the strong answer less that of the weak one. */
  readonly gain: number;
  readonly weight: number;
}

/** Of the prompts with the highest scores the share `sent` recovers the share `recovered` of all there is to gain. */
export interface CurvePoint {
  readonly sent: number;
  readonly recovered: number;
}

/**
 * The curve from nothing to everything. Prompts of one score go together, as a random order of them would on average.
 * Undefined where the strong model gains nothing in all.
 */
export const gainCurve = (prompts: readonly JudgedPrompt[]): readonly CurvePoint[] | undefined => {
  let weight = 0;
  let gain = 0;
  for (const prompt of prompts) {
    weight += prompt.weight;
    gain += prompt.weight * prompt.gain;
  }
  if (!(gain > 0) || !(weight > 0)) return undefined;
  const ordered = [...prompts].sort((left, right) => right.score - left.score);
  const points: CurvePoint[] = [{ sent: 0, recovered: 0 }];
  let sent = 0;
  let recovered = 0;
  for (const [index, prompt] of ordered.entries()) {
    sent += prompt.weight;
    recovered += prompt.weight * prompt.gain;
    if (ordered[index + 1]?.score === prompt.score) continue;
    points.push({ sent: sent / weight, recovered: recovered / gain });
  }
  return points;
};

/** The area under the curve: one half for chance. */
export const areaUnder = (points: readonly CurvePoint[]): number => {
  let area = 0;
  for (let index = 1; index < points.length; index += 1) {
    const from = points[index - 1];
    const to = points[index];
    if (from === undefined || to === undefined) continue;
    area += ((to.sent - from.sent) * (from.recovered + to.recovered)) / 2;
  }
  return area;
};

/** The smallest share that has to be sent so that the share `wanted` is recovered. */
export const shareFor = (points: readonly CurvePoint[], wanted: number): number => {
  for (let index = 1; index < points.length; index += 1) {
    const from = points[index - 1];
    const to = points[index];
    if (from === undefined || to === undefined || to.recovered < wanted) continue;
    if (to.recovered === from.recovered) return to.sent;
    const part = (wanted - from.recovered) / (to.recovered - from.recovered);
    return from.sent + (to.sent - from.sent) * Math.max(0, part);
  }
  return 1;
};
