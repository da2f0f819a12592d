/** Ollama's two embedding paths. May import spec. */

import type { EmbedRequest, EmbedResult } from '../../spec/embedding.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asBoolean, asNumber, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, keepUnknown, keptOf, nameDropped, restore } from '../extension.ts';
import { readVector } from '../vector.ts';
import { readTimings } from './decoder.ts';
import { metricsOf } from './encoder.ts';
import { modelField } from './peek.ts';

const known: ReadonlySet<string> = new Set([
  ...['model', 'name', 'input', 'dimensions', 'truncate', 'keep_alive', 'intent', 'stream'],
]);
const knownInLegacy: ReadonlySet<string> = new Set([
  'model',
  'name',
  'prompt',
  'keep_alive',
  'intent',
  'stream',
]);

/** `/api/embed` gives normalised vectors of many texts, the older `/api/embeddings` one raw vector. */
export const embed = {
  parse: (body: JsonObject, path: string): EmbedRequest => {
    const legacy = path.endsWith('/embeddings');
    const kept = keepUnknown(body, legacy ? knownInLegacy : known);
    const { sent } = kept;
    for (const field of ['intent', 'stream'] as const) if (field in body) sent[field] = body[field];
    for (const field of ['dimensions', 'truncate', 'keep_alive'] as const) {
      if (body[field] === null) sent[field] = null;
    }
    if (body.model !== modelField(body)) sent.model = body.model;
    if ('name' in body) sent.name = body.name;
    const input = legacy ? body.prompt : body.input;
    if (legacy ? typeof input !== 'string' : !Array.isArray(input)) sent[legacy ? 'prompt' : 'input'] = input;
    return {
      model: asString(modelField(body)) ?? '',
      input: textsOf(input),
      legacy,
      dimensions: legacy ? undefined : asNumber(body.dimensions),
      truncate: legacy ? undefined : asBoolean(body.truncate),
      encoding: 'float',
      keepAlive: body.keep_alive ?? undefined,
      ext: extensionOf('ollama', kept) ?? { ollama: {} },
    };
  },

  render: (request: EmbedRequest) => {
    const dropped: string[] = [];
    nameDropped(request.ext, 'ollama', '', dropped);
    const texts = request.input.map((input) => {
      if (typeof input === 'string') return input;
      throw new GatewayError('unprocessable', 'the engine behind this model embeds text, not tokens', {
        param: 'input',
      });
    });
    const fields: JsonObject = {
      model: request.model,
      ...(request.legacy ? { prompt: texts[0] ?? '' } : { input: texts }),
      ...(request.dimensions === undefined ? {} : { dimensions: request.dimensions }),
      ...(request.truncate === undefined ? {} : { truncate: request.truncate }),
    };
    const usesName = 'model' in keptOf(request.ext, 'ollama').sent;
    const body = {
      ...restore(fields, request.ext, 'ollama'),
      ...(request.keepAlive === undefined ? {} : { keep_alive: request.keepAlive }),
      ...(usesName ? { name: request.model } : {}),
    };
    return { path: request.legacy ? '/api/embeddings' : '/api/embed', body, dropped };
  },

  decode: (body: JsonObject): EmbedResult => {
    const vectors = asArray(body.embeddings) ?? (asArray(body.embedding) && [body.embedding]);
    if (vectors === undefined)
      throw new GatewayError('upstream_error', 'the engine answered without embeddings');
    return {
      model: asString(body.model),
      vectors: vectors.map((vector) => readVector(vector)).filter(({ length }) => length > 0),
      usage: { inputTokens: asNumber(body.prompt_eval_count), timings: readTimings(body) },
    };
  },

  encode: (result: EmbedResult, request: EmbedRequest): JsonObject => {
    if (request.legacy) return { embedding: result.vectors[0] ?? [] };
    const { total_duration, prompt_eval_count } = metricsOf(result.usage, 0, undefined);
    return {
      model: request.model,
      embeddings: result.vectors,
      total_duration,
      // Ollama always has one here, and clients check that it is a number; another engine's load is not known.
      load_duration: Math.round((result.usage.timings?.loadMs ?? 0) * 1e6),
      // Not every engine counts them.
      prompt_eval_count: prompt_eval_count ?? 0,
    };
  },
};

const textsOf = (input: Json | undefined): readonly string[] => {
  if (typeof input === 'string') return input === '' ? [] : [input];
  return (asArray(input) ?? []).map((text) => asString(text) ?? '');
};
