/** Which words of a text moved its complexity: for a person who asks, since it reads the text once for each word. Pure. */

import type { TaskType } from '../../spec/analysis.ts';
import { currentModel } from './complexity.ts';
import { calibrated, rawScore } from './score.ts';

/** One word, and by how much the complexity would be lower without it. */
export interface MovingWord {
  readonly word: string;
  readonly moves: number;
}

const mostWords = 120;
const shownWords = 8;
const readCharacters = 4000;

/** The words that moved it most, up or down, strongest first; those of a long text only as far as it is read. */
export const movingWords = (
  whole: string,
  task?: TaskType,
  model = currentModel(),
): readonly MovingWord[] => {
  const text = whole.slice(0, readCharacters);
  const words = [...new Set(text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])].slice(0, mostWords);
  const all = calibrated(rawScore(text, model, task).value, model);
  return words
    .map((word): MovingWord => {
      const without = text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'gu'), '');
      const moves = all - calibrated(rawScore(without, model, task).value, model);
      return { word, moves: Math.round(moves * 1000) / 1000 };
    })
    .filter(({ moves }) => moves !== 0)
    .sort((left, right) => Math.abs(right.moves) - Math.abs(left.moves))
    .slice(0, shownWords);
};
