/** What was learned of prompts, as a file holds it, and how it is read. Pure; imports spec and this folder. */

import { type TaskType, taskTypes } from '../../spec/analysis.ts';
import { type Blend, usualBlend } from './blend.ts';
import { places } from './pieces.ts';

/** Where the figures of a model come from; shown to whoever asks what decides. */
export interface ModelOrigin {
  /** The data it was learned from, each with its size. */
  readonly data: readonly string[];
  readonly seed: number;
  /** By name: measured on prompts it had not seen. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The model as text: what `auto.weights` names and what is built in. */
export interface ModelFile {
  readonly format: 'pointsman-complexity';
  readonly version: 1;
  readonly origin: ModelOrigin;
  /** Values at equal steps of their rank, lowest first. */
  readonly ranks: {
    readonly words: readonly number[];
    readonly repetition: readonly number[];
    readonly sentence: readonly number[];
  };
  /** How much the general part of a score counts. */
  readonly general: number;
  /** One step of a weight, and of a rarity. */
  readonly steps: { readonly weight: number; readonly rarity: number };
  /** Scores at equal steps of their rank over usual prompts, lowest first. */
  readonly scores: readonly number[];
  /** One signed byte per place, in base64. */
  readonly weights: string;
  /** One unsigned byte per place: 0 where the piece was never learned. */
  readonly rarities: string;
  /** How much each part of a score counts; absent: as usual. */
  readonly blend?: Blend;
  /** What a kind of work adds to a score; absent: nothing. */
  readonly tasks?: Readonly<Partial<Record<TaskType, number>>>;
}

/** The same, ready for use. */
export interface ComplexityModel {
  readonly origin: ModelOrigin;
  readonly ranks: ModelFile['ranks'];
  readonly general: number;
  readonly scores: readonly number[];
  /** By place: the signed byte of its weight above the byte of its rarity, so that a text needs one look for each piece. */
  readonly pieces: Uint16Array;
  readonly steps: ModelFile['steps'];
  readonly blend: Blend;
  readonly tasks: Readonly<Partial<Record<TaskType, number>>>;
}

/** Why a text is no model. */
export class NotAModel extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'NotAModel';
  }
}

const demand = (holds: boolean, problem: string): void => {
  if (!holds) throw new NotAModel(problem);
};

const bytesOf = (text: unknown, name: string): string => {
  demand(typeof text === 'string', `${name} must be a text`);
  let bytes = '';
  try {
    bytes = atob(String(text));
  } catch {
    throw new NotAModel(`${name} must be base64`);
  }
  demand(bytes.length === places, `${name} must hold ${places} bytes, not ${bytes.length}`);
  return bytes;
};

const ascending = (value: unknown, name: string): readonly number[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  demand(list.length >= 2 && list.length <= 1025, `${name} must be a list of 2 to 1025 numbers`);
  const numbers = list.map(Number);
  demand(
    numbers.every(
      (each, index) => Number.isFinite(each) && (index === 0 || each >= (numbers[index - 1] ?? each)),
    ),
    `${name} must hold numbers that ascend`,
  );
  return numbers;
};

const positive = (value: unknown, name: string): number => {
  const number = typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
  demand(number > 0, `${name} must be a number above 0`);
  return number;
};

const originOf = (origin: unknown): ModelOrigin => {
  const { data, seed, figures } = (origin ?? {}) as Partial<Record<keyof ModelOrigin, unknown>>;
  demand(Array.isArray(data) && data.length > 0, 'origin.data must name the data it was learned from');
  return {
    data: (data as readonly unknown[]).map(String),
    seed: typeof seed === 'number' ? seed : 0,
    figures: (typeof figures === 'object' && figures !== null ? figures : {}) as Record<string, number>,
  };
};

const finite = (value: unknown, name: string): number => {
  demand(typeof value === 'number' && Number.isFinite(value), `${name} must be a number`);
  return Number(value);
};

const blendOf = (value: unknown): Blend => {
  if (value === undefined) return usualBlend;
  const given = (value ?? {}) as Partial<Record<keyof Blend, unknown>>;
  const part = (name: keyof Blend): number => finite(given[name], `blend.${name}`);
  return {
    learned: part('learned'),
    words: part('words'),
    repetition: part('repetition'),
    sentence: part('sentence'),
    negations: part('negations'),
    compounds: part('compounds'),
    programming: part('programming'),
    questions: part('questions'),
  };
};

const tasksOf = (value: unknown): ComplexityModel['tasks'] => {
  const given = Object.entries(value ?? {});
  for (const [name] of given)
    demand((taskTypes as readonly string[]).includes(name), `tasks.${name.slice(0, 40)} is no kind of work`);
  return Object.fromEntries(given.map(([name, adds]) => [name, finite(adds, `tasks.${name}`)]));
};

/** Reads a parsed file; throws `NotAModel` with what is wrong in it. */
export const complexityModel = (value: unknown): ComplexityModel => {
  demand(typeof value === 'object' && value !== null, 'it must be a JSON object');
  const file = value as Partial<Record<keyof ModelFile, unknown>>;
  demand(file.format === 'pointsman-complexity', "format must be 'pointsman-complexity'");
  demand(file.version === 1, 'version must be 1');
  const steps = (file.steps ?? {}) as Partial<Record<'weight' | 'rarity', unknown>>;
  const weightStep = positive(steps.weight, 'steps.weight');
  const rarityStep = positive(steps.rarity, 'steps.rarity');
  const weights = bytesOf(file.weights, 'weights');
  const rarities = bytesOf(file.rarities, 'rarities');
  const pieces = new Uint16Array(places);
  for (let place = 0; place < places; place += 1)
    pieces[place] = (weights.charCodeAt(place) << 8) | rarities.charCodeAt(place);
  const ranks = (file.ranks ?? {}) as Partial<Record<keyof ModelFile['ranks'], unknown>>;
  return {
    origin: originOf(file.origin),
    ranks: {
      words: ascending(ranks.words, 'ranks.words'),
      repetition: ascending(ranks.repetition, 'ranks.repetition'),
      sentence: ascending(ranks.sentence, 'ranks.sentence'),
    },
    general: positive(file.general, 'general'),
    scores: ascending(file.scores, 'scores'),
    pieces,
    steps: { weight: weightStep, rarity: rarityStep },
    blend: blendOf(file.blend),
    tasks: tasksOf(file.tasks),
  };
};
