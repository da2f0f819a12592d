/** Ollama's `options`: their types, and which of them are fixed while a model is in memory. */

import { asNumber, asObject, type Json, type JsonObject } from '../spec/json.ts';

const integers = [
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'draft_num_predict',
  'num_keep',
  'seed',
  'num_predict',
  'top_k',
  'repeat_last_n',
];
const floats = [
  'top_p',
  'min_p',
  'typical_p',
  'temperature',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
];

/** Everything here but `num_ctx`, whose value in effect counts, not whether it was sent. */
const loadTime = ['num_batch', 'num_gpu', 'main_gpu', 'use_mmap', 'num_thread', 'draft_num_predict'];

/** The options that make a difference to a simulation. */
export interface OllamaOptions {
  readonly contextTokens: number | undefined;
  readonly gpuLayers: number | undefined;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly seed: number;
  /** The options that force a reload when they differ, as a comparable text. */
  readonly loadTime: string;
}

/** What a request without options asks for. */
export const defaultOllamaOptions: OllamaOptions = {
  contextTokens: undefined,
  gpuLayers: undefined,
  maxTokens: Infinity,
  stop: [],
  seed: 0,
  loadTime: JSON.stringify(loadTime.map(() => null)),
};

const isWhole = (value: Json): boolean => typeof value === 'number' && Number.isInteger(value);

const isTextList = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const typeProblem = (options: JsonObject): string | undefined => {
  const given = (name: string): Json | undefined => options[name] ?? undefined;
  for (const name of integers) {
    const value = given(name);
    if (value !== undefined && !isWhole(value)) return `option "${name}" must be of type integer`;
  }
  for (const name of floats) {
    const value = given(name);
    if (value !== undefined && typeof value !== 'number') return `option "${name}" must be of type float32`;
  }
  const mapped = given('use_mmap');
  if (mapped !== undefined && typeof mapped !== 'boolean') return 'option "use_mmap" must be of type boolean';
  const stop = given('stop');
  if (stop !== undefined && !Array.isArray(stop)) return 'option "stop" must be of type array';
  return stop === undefined || isTextList(stop) ? undefined : 'option "stop" must be of an array of strings';
};

/** Unknown options are ignored; a known one of the wrong type is the engine's own error text. */
export const readOllamaOptions = (value: Json | undefined): OllamaOptions | { readonly problem: string } => {
  const options = asObject(value) ?? {};
  const problem = typeProblem(options);
  if (problem !== undefined) return { problem };
  const gpuLayers = asNumber(options.num_gpu) ?? -1;
  const maxTokens = asNumber(options.num_predict) ?? -1;
  const contextTokens = asNumber(options.num_ctx) ?? 0;
  return {
    contextTokens: contextTokens > 0 ? contextTokens : undefined,
    gpuLayers: gpuLayers >= 0 ? gpuLayers : undefined,
    maxTokens: maxTokens < 0 ? Infinity : maxTokens,
    stop: isTextList(options.stop ?? null) ? (options.stop as readonly string[]) : [],
    seed: asNumber(options.seed) ?? 0,
    loadTime: JSON.stringify(loadTime.map((name) => options[name] ?? null)),
  };
};
