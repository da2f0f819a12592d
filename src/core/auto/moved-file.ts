/** A file of weights with what a fit adds to them. Pure; imports spec and core. */

import { taskTypes } from '../../spec/analysis.ts';
import { type Blend, partNames, usualBlend } from '../complexity/blend.ts';
import type { ModelFile } from '../complexity/model.ts';
import { places } from '../complexity/pieces.ts';
import { rankTable } from '../complexity/recalibrate.ts';
import { partColumn, taskColumn } from './own-rows.ts';

/** Pieces must count something, or what they were moved by could not be told. */
const leastLearned = 0.1;

const short = (value: number): number => Number(value.toPrecision(6));

/** One signed byte per place in base64, and the step between them. */
const quantised = (weights: Float64Array): { readonly text: string; readonly step: number } => {
  let largest = 0;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const step = Number((largest / 127 || 1).toPrecision(9));
  let bytes = '';
  for (const weight of weights) bytes += String.fromCharCode(Math.round(weight / step) & 255);
  return { text: btoa(bytes), step };
};

const movedPieces = (file: ModelFile, moves: Float64Array, learned: number): Partial<ModelFile> => {
  if (moves.subarray(0, places).every((move) => move === 0)) return {};
  const bytes = atob(file.weights);
  const { text, step } = quantised(
    moves
      .slice(0, places)
      .map((move, place) => ((bytes.charCodeAt(place) << 24) >> 24) * file.steps.weight + move / learned),
  );
  return { weights: text, steps: { ...file.steps, weight: step } };
};

/** `moves` by column; `values` are the scores of own requests, which the ranks are taken from. */
export const movedFile = (
  file: ModelFile,
  moves: Float64Array,
  values: ArrayLike<number>,
  { judged, before, after }: { readonly judged: number; readonly before: number; readonly after: number },
): ModelFile => {
  const blend: Blend = file.blend ?? usualBlend;
  const learned = Math.max(leastLearned, short(blend.learned + (moves[partColumn] ?? 0)));
  const parts = partNames.map((name, index) => [
    name,
    name === 'learned' ? learned : short(blend[name] + (moves[partColumn + index] ?? 0) / file.general),
  ]);
  const tasks = taskTypes
    .map(
      (name, index) => [name, short((file.tasks?.[name] ?? 0) + (moves[taskColumn + index] ?? 0))] as const,
    )
    .filter(([, adds]) => adds !== 0);
  const { origin } = file;
  return {
    ...file,
    ...movedPieces(file, moves, learned),
    origin: {
      ...origin,
      data: [...origin.data, `own traffic: ${judged} judged answers`],
      figures: {
        ...origin.figures,
        'area own traffic': short(after),
        'area own traffic before': short(before),
      },
    },
    blend: Object.fromEntries(parts) as Blend,
    tasks: Object.fromEntries(tasks),
    scores: rankTable(Array.from(values)),
  };
};
