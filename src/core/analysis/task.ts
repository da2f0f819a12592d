/** What kind of work a text asks for, by a small learned classifier. Pure; imports spec and this folder. */

import { type Judged, type TaskType, taskTypes } from '../../spec/analysis.ts';
import { taskFeatures, taskFeaturesOf } from './task-features.ts';
import type { TaskModel } from './task-model.ts';
import { taskWeights } from './task-weights.ts';

let decoded: { readonly of: TaskModel; readonly table: Int8Array } | undefined;

const tableOf = (model: TaskModel): Int8Array => {
  if (decoded?.of === model) return decoded.table;
  const bytes = atob(model.weights);
  const table = new Int8Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) table[index] = bytes.charCodeAt(index);
  decoded = { of: model, table };
  return table;
};

/** One score per kind of work, in the order of `taskTypes`. */
export const taskScores = (text: string, model: TaskModel): Float64Array => {
  const table = tableOf(model);
  const { places, count } = taskFeaturesOf(text);
  const scale = model.step / Math.sqrt(Math.max(1, count));
  const scores = Float64Array.from(model.biases);
  for (let kind = 0; kind < scores.length; kind += 1) {
    let sum = 0;
    const offset = kind * taskFeatures;
    for (let index = 0; index < count; index += 1) sum += table[offset + (places[index] ?? 0)] ?? 0;
    scores[kind] = (scores[kind] ?? 0) + sum * scale;
  }
  return scores;
};

/** The likeliest kind of work; an empty text is chat. */
export const taskOf = (text: string, model: TaskModel = taskWeights): Judged<TaskType> => {
  if (!/[\p{L}\p{N}]/u.test(text)) return { value: 'chat', confidence: 0.3 };
  const scores = taskScores(text, model);
  let best = 0;
  for (let kind = 1; kind < scores.length; kind += 1)
    if ((scores[kind] ?? 0) > (scores[best] ?? 0)) best = kind;
  let sum = 0;
  for (const score of scores) sum += Math.exp(model.sharpness * (score - (scores[best] ?? 0)));
  return { value: taskTypes[best] ?? 'chat', confidence: Math.round(1000 / sum) / 1000 };
};
