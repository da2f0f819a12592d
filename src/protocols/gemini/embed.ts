/** Gemini's two embedding actions. May import spec. */

import type { EmbedRequest, EmbedResult } from '../../spec/embedding.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, keepUnknown, keptOf, nameDropped, restore } from '../extension.ts';
import { fillModel } from '../model-route.ts';
import { readVector } from '../vector.ts';
import { listOf, member } from './schema.ts';

const known: ReadonlySet<string> = new Set([
  ...['model', 'stream', 'intent', 'content', 'requests', 'outputDimensionality', 'output_dimensionality'],
]);

const sentFields = [
  'content',
  'requests',
  'intent',
  'outputDimensionality',
  'output_dimensionality',
] as const;

/** `embedContent` takes one text and answers with one vector, `batchEmbedContents` with as many as it has requests. */
export const embed = {
  parse: (body: JsonObject): EmbedRequest => {
    const kept = keepUnknown(body, known);
    for (const field of sentFields) if (field in body) kept.sent[field] = body[field];
    const requests = asArray(body.requests)?.map((request) => asObject(request) ?? {}) ?? [body];
    // What is asked of one of them is lost of all, and named once.
    if (body.requests !== undefined) {
      for (const request of requests) Object.assign(kept.unknown, keepUnknown(request, known).unknown);
    }
    const [first = {}] = requests;
    return {
      model: asString(body.model) ?? '',
      input: requests.map(({ content }) => textOf(content)),
      legacy: false,
      dimensions: asNumber(member(first, 'outputDimensionality', 'output_dimensionality')),
      encoding: 'float',
      ext: extensionOf('gemini', kept),
    };
  },

  render: (request: EmbedRequest) => {
    const dropped: string[] = [];
    nameDropped(request.ext, 'gemini', '', dropped);
    if (request.keepAlive !== undefined) dropped.push('keep_alive');
    if (request.truncate !== undefined) dropped.push('truncate');
    const model = `models/${request.model}`;
    const action = isSingle(request) ? 'embedContent' : 'batchEmbedContents';
    return {
      path: fillModel(`/v1beta/models/{model}:${action}`, request.model),
      body: request.ext?.gemini === undefined ? bodyOf(request, model) : sentBody(request, model),
      dropped,
    };
  },

  decode: (body: JsonObject): EmbedResult => {
    const entries = asArray(body.embeddings) ?? (asObject(body.embedding) && [body.embedding]);
    if (entries === undefined)
      throw new GatewayError('upstream_error', 'the engine answered without embeddings');
    return {
      vectors: entries.map((entry) => readVector(asObject(entry)?.values)),
      usage: { inputTokens: asNumber(asObject(body.usageMetadata)?.promptTokenCount) },
    };
  },

  encode: ({ vectors, usage }: EmbedResult, request: EmbedRequest): JsonObject => {
    const counts =
      usage.inputTokens === undefined ? {} : { usageMetadata: { promptTokenCount: usage.inputTokens } };
    return isSingle(request)
      ? { embedding: { values: vectors[0] ?? [] }, ...counts }
      : { embeddings: vectors.map((values) => ({ values })), ...counts };
  },
};

const isSingle = ({ ext }: EmbedRequest): boolean => 'content' in keptOf(ext, 'gemini').sent;

const bodyOf = ({ input, dimensions }: EmbedRequest, model: string): JsonObject => ({
  requests: input.map((text) => {
    if (typeof text !== 'string') {
      throw new GatewayError('unprocessable', 'the engine behind this model embeds text, not tokens', {
        param: 'input',
      });
    }
    return {
      model,
      content: { parts: [{ text }] },
      ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    };
  }),
});

/** As it came, but for the model's name, which stands in each request again. */
const sentBody = (request: EmbedRequest, model: string): JsonObject => {
  const { sent, unknown } = keptOf(request.ext, 'gemini');
  const requests = asArray(sent.requests);
  if (requests === undefined) return restore({}, request.ext, 'gemini');
  const own = new Set(requests.flatMap((entry) => Object.keys(asObject(entry) ?? {})));
  const outer = Object.fromEntries(Object.entries(unknown).filter(([field]) => !own.has(field)));
  return { ...outer, ...sent, requests: requests.map((entry) => ({ ...asObject(entry), model })) };
};

const textOf = (content: Json | undefined): string =>
  listOf(asObject(content)?.parts)
    .map((part) => asString(asObject(part)?.text) ?? '')
    .join('\n');
