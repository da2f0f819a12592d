/**
 * What engines report of prompts corrects what was estimated of them: one line through what was seen of a model, with
 * the tokens of its template and a factor. A reducer over data. Pure; imports nothing.
 */

/** Sums of what was seen, each old one counting a little less; in relative terms, so that long prompts do not rule. */
export interface TokenCorrection {
  readonly weight: number;
  readonly inverse: number;
  readonly inverseSquare: number;
  readonly ratio: number;
  readonly ratioInverse: number;
}

/** How much a pair of numbers counts that was seen one request ago. */
const keep = 0.98;

/** What the assumption that nothing has to be corrected counts, in requests. */
const priorWeight = 2;

/** Beyond these an engine counts something else, such as a cached part. */
const leastRatio = 0.2;
const mostRatio = 6;

/** Nothing was seen. */
export const uncorrected: TokenCorrection = {
  weight: 0,
  inverse: 0,
  inverseSquare: 0,
  ratio: 0,
  ratioInverse: 0,
};

/** After an engine has told how many tokens a prompt had that was estimated at so many. */
export const correctionAfter = (
  correction: TokenCorrection,
  estimated: number,
  reported: number,
): TokenCorrection => {
  if (!(estimated >= 1) || !(reported >= 1)) return correction;
  const ratio = reported / estimated;
  // A template adds tens of tokens, which is many times a prompt of one word.
  if (ratio < leastRatio || (ratio > mostRatio && reported - estimated > 100)) return correction;
  const inverse = 1 / estimated;
  return {
    weight: keep * correction.weight + 1,
    inverse: keep * correction.inverse + inverse,
    inverseSquare: keep * correction.inverseSquare + inverse * inverse,
    ratio: keep * correction.ratio + ratio,
    ratioInverse: keep * correction.ratioInverse + ratio * inverse,
  };
};

/** What a prompt is likely to have that is estimated at so many; the estimate itself where nothing was seen. */
export const correctedTokens = (correction: TokenCorrection, estimated: number): number => {
  const { weight, inverse, inverseSquare, ratio, ratioInverse } = correction;
  if (weight === 0) return estimated;
  // Least squares of ratio = factor + template / estimated, with a prior of factor 1 and no template.
  const spread = 0.02;
  const a = weight + priorWeight;
  const c = inverseSquare + priorWeight * spread * spread;
  const determinant = a * c - inverse * inverse;
  const right = ratio + priorWeight;
  const factor = determinant > 1e-12 ? (right * c - ratioInverse * inverse) / determinant : right / a;
  const template = determinant > 1e-12 ? (a * ratioInverse - inverse * right) / determinant : 0;
  const tokens = factor * estimated + template;
  const plain = (right / a) * estimated;
  const isSound = factor > leastRatio && factor < mostRatio && template > -50 && template < 2000;
  return Math.max(1, isSound ? tokens : plain);
};
