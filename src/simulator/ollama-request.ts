/** Reads `/api/chat` and `/api/generate` the way Ollama does, in the order in which it complains. */

import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
} from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { composeAnswer, type ThinkingEffort } from './answer.ts';
import type { SimulatedModel } from './catalogue.ts';
import { chatOpening, type Generation } from './generation.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { EngineGeneration } from './host-settings.ts';
import { parseKeepAlive } from './keep-alive.ts';
import { fitContext, readMessages, readPrompt } from './ollama-conversation.ts';
import { ollamaName } from './ollama-models.ts';
import { type OllamaOptions, readOllamaOptions } from './ollama-options.ts';
import { goTypeOf, type Read, refuse } from './ollama-read.ts';
import { engineTextsOf } from './ollama-surface.ts';
import { readThinking } from './ollama-thinking.ts';
import type { RunnerSpec } from './placement.ts';

/** The two ways to ask for text. */
export type OllamaOperation = 'chat' | 'generate';

/** A request that Ollama would serve. */
export interface OllamaAsk {
  /** As sent, because answers echo it. */
  readonly name: string;
  readonly operation: OllamaOperation;
  readonly stream: boolean;
  readonly spec: RunnerSpec;
  readonly keepAliveMs: Millis | undefined;
  /** Absent for the empty request that loads or unloads. */
  readonly generation: Generation | undefined;
  /** How many alternatives each token's probability comes with; absent: none wanted. */
  readonly logprobs: number | undefined;
  readonly raw: boolean;
}

/** What Ollama loads for a model and these options. */
export const ollamaSpec = (
  core: HostCore,
  { name, model }: ListedModel,
  options: OllamaOptions,
  shift: boolean,
): RunnerSpec => {
  const contextTokens = Math.min(options.contextTokens ?? core.settings.contextTokens, model.contextTokens);
  return {
    key: model.digest,
    name,
    model,
    contextTokens,
    parallel: model.capabilities.includes('completion') ? core.settings.slots : 1,
    ...(options.gpuLayers === undefined ? {} : { gpuLayers: options.gpuLayers }),
    loadOptions: `${contextTokens} ${options.loadTime} ${shift ? 'shift' : 'no shift'}`,
  };
};

interface Wishes {
  readonly thinking: ThinkingEffort;
  readonly logprobs: number | undefined;
  readonly keepAliveMs: Millis | undefined;
  readonly options: OllamaOptions;
}

const readWishes = (
  body: JsonObject,
  name: string,
  model: SimulatedModel,
  engine: EngineGeneration,
): Read<Wishes> => {
  const thinking = readThinking(body.think ?? undefined, name, model, engine);
  if ('refusal' in thinking) return thinking;
  const top = asNumber(body.top_logprobs) ?? 0;
  if (top < 0 || top > 20) return refuse(400, 'top_logprobs must be between 0 and 20');
  const keepAlive = parseKeepAlive(body.keep_alive);
  if (keepAlive !== undefined && 'problem' in keepAlive) return refuse(400, keepAlive.problem);
  const options = readOllamaOptions(body.options);
  if ('problem' in options) return refuse(500, options.problem);
  const logprobs = asBoolean(body.logprobs) === true ? top : undefined;
  return { ask: { thinking: thinking.ask, logprobs, keepAliveMs: keepAlive?.durationMs, options } };
};

const formatOf = (format: Json | undefined): Read<{ readonly schema?: Json } | undefined> => {
  if (format === undefined || format === null || format === '') return { ask: undefined };
  if (format === 'json') return { ask: {} };
  if (asObject(format) !== undefined) return { ask: { schema: format } };
  return refuse(
    500,
    `invalid format: ${JSON.stringify(JSON.stringify(format))}; expected "json" or a valid JSON Schema object`,
  );
};

const missingCapabilities = (
  body: JsonObject,
  operation: OllamaOperation,
  model: SimulatedModel,
): string[] => {
  const missing: string[] = [];
  const tools = asArray(body.tools)?.length ?? 0;
  if (operation === 'chat' && tools > 0 && !model.capabilities.includes('tools')) missing.push('tools');
  const suffix = asString(body.suffix) ?? '';
  if (suffix !== '' && !model.capabilities.includes('insert')) missing.push('insert');
  return missing;
};

const isEmptyRequest = (body: JsonObject, operation: OllamaOperation): boolean =>
  operation === 'chat'
    ? (asArray(body.messages) ?? []).length === 0
    : (asString(body.prompt) ?? '') === '' && (asString(body.suffix) ?? '') === '';

/** Finds the model a body names; the two operations say differently that none is named. */
const findModel = (
  body: JsonObject,
  operation: OllamaOperation,
  models: ReadonlyMap<string, ListedModel>,
): Read<ListedModel> => {
  const name = asString(body.model) ?? '';
  if (name === '' && operation === 'chat') return refuse(400, 'model is required');
  const listed = models.get(ollamaName(name));
  return listed === undefined ? refuse(404, `model '${name}' not found`) : { ask: listed };
};

/** Either what to run, or what Ollama would answer instead. */
export const readOllamaRequest = (
  core: HostCore,
  models: ReadonlyMap<string, ListedModel>,
  body: JsonObject,
  operation: OllamaOperation,
): Read<OllamaAsk> => {
  const { stream } = body;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    const field = operation === 'chat' ? 'ChatRequest' : 'GenerateRequest';
    return refuse(
      400,
      `json: cannot unmarshal ${goTypeOf(stream)} into Go struct field ${field}.stream of type bool`,
    );
  }
  const found = findModel(body, operation, models);
  if ('refusal' in found) return found;
  const { model } = found.ask;
  const name = asString(body.model) ?? '';
  if (!model.capabilities.includes('completion')) {
    return refuse(400, `${JSON.stringify(name)} does not support ${operation}`);
  }
  const missing = missingCapabilities(body, operation, model);
  if (missing.length > 0) {
    return refuse(400, `registry.ollama.ai/library/${found.ask.name} does not support ${missing.join('\n')}`);
  }
  const wishes = readWishes(body, name, model, core.settings.engine);
  if ('refusal' in wishes) return wishes;
  const { options, keepAliveMs, logprobs, thinking } = wishes.ask;
  const shift = asBoolean(body.shift) ?? true;
  const spec = ollamaSpec(core, found.ask, options, shift);
  const raw = asBoolean(body.raw) === true;
  const base = { name, operation, stream: stream !== false, spec, keepAliveMs, logprobs, raw };
  if (isEmptyRequest(body, operation)) return { ask: { ...base, generation: undefined } };

  const conversation = operation === 'chat' ? readMessages(body) : { ask: readPrompt(body) };
  if ('refusal' in conversation) return conversation;
  const format = formatOf(body.format);
  if ('refusal' in format) return format;
  const texts = engineTextsOf(core.settings.engine);
  const images = conversation.ask.turns.reduce((sum, turn) => sum + turn.images, 0);
  if (images > 0 && !model.capabilities.includes('vision') && texts.noVision !== undefined) {
    return refuse(texts.noVision.status, texts.noVision.text);
  }
  const { prompt, promptTokens, wholeTokens } = fitContext(conversation.ask, spec.contextTokens);
  if (wholeTokens > spec.contextTokens && (body.truncate === false || !shift)) {
    return refuse(400, texts.contextExceeded(wholeTokens, spec.contextTokens));
  }
  const answer = composeAnswer({
    seed: core.settings.seed + options.seed,
    signature: `Simulated ${found.ask.name} on ${core.settings.name}:`,
    prompt,
    thinking,
    format: format.ask,
    stop: options.stop,
    maxTokens: options.maxTokens,
    tools: {
      tools: operation === 'chat' ? (asArray(body.tools) ?? []) : [],
      choice: 'auto',
      lastUserText: conversation.ask.lastUserText,
      answersTool: conversation.ask.answersTool,
    },
  });
  const opening = operation === 'chat' ? chatOpening : '';
  return { ask: { ...base, generation: { spec, keepAliveMs, prompt, promptTokens, opening, answer } } };
};
