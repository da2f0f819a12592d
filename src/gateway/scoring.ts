/** The scorer and its measures, for commands that work on files. */

import { taskOf } from '../core/analysis/task.ts';
import { entriesIn } from '../core/auto/feedback.ts';
import { areaUnder, gainCurve, type JudgedPrompt, shareFor } from '../core/auto/quality.ts';
import { tune } from '../core/auto/tune.ts';
import { complexityOf, currentModel } from '../core/complexity/complexity.ts';
import { rawScore } from '../core/complexity/score.ts';

export type { FeedbackEntry } from '../core/auto/feedback.ts';
export type { CurvePoint } from '../core/auto/quality.ts';
export type { Tuned, TunedStep } from '../core/auto/tune.ts';

/** The complexity of a prompt in 0..1, and the finer number it was ranked by. */
export const scorePrompt = (prompt: string): { readonly complexity: number; readonly raw: number } => {
  const model = currentModel();
  const task = Object.keys(model.tasks).length === 0 ? undefined : taskOf(prompt).value;
  return {
    complexity: complexityOf([prompt], model, task).value,
    raw: rawScore(prompt, model, task).value,
  };
};

/** Where the weights in force come from. */
export const weightsOrigin = () => currentModel().origin;

export { areaUnder, entriesIn, gainCurve, type JudgedPrompt, shareFor, tune };
