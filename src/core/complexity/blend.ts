/** The parts that a score is made of, and how much each counts. Pure; imports nothing. */

/** In the order they are kept: what was learned of pieces, then what tells in every field of knowledge. */
export const partNames = [
  'learned',
  'words',
  'repetition',
  'sentence',
  'negations',
  'compounds',
  'programming',
  'questions',
] as const;

export type PartName = (typeof partNames)[number];

/** What one text has of each; the learned part about -0.3..0.3, the others in 0..1. No word can be told from them. */
export type Parts = Readonly<Record<PartName, number>>;

/** How much each counts; all but the first are weighed once more by how much the general part counts. */
export type Blend = Readonly<Record<PartName, number>>;

/** The blend that the built-in weights were learned with: a form of words counts six tenths of a whole rank. */
export const usualBlend: Blend = {
  learned: 1,
  words: 1,
  repetition: -1,
  sentence: 1,
  negations: 0.6,
  compounds: 0.6,
  programming: 0.6,
  questions: -0.3,
};
