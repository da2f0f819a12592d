/** OpenAI's embeddings. May import spec. */

import type { EmbedRequest, EmbedResult } from '../../spec/embedding.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, keepUnknown, nameDropped, restore } from '../extension.ts';
import { packVector, readVector } from '../vector.ts';

const known: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'intent',
  'stream',
]);

/** The official clients ask for base64 unasked and decode without looking, so `encoding_format` is honoured. */
export const embed = {
  parse: (body: JsonObject): EmbedRequest => {
    const kept = keepUnknown(body, known);
    const { sent } = kept;
    const { input, encoding_format: format } = body;
    const encoding = asString(format)?.toLowerCase() === 'base64' ? 'base64' : 'float';
    for (const field of ['intent', 'stream'] as const) if (field in body) sent[field] = body[field];
    if (!isList(input)) sent.input = input;
    if (format !== encoding) sent.encoding_format = format;
    if (body.dimensions === null) sent.dimensions = null;
    return {
      model: asString(body.model) ?? '',
      input: isList(input) ? inputsOf(input) : inputsOf([input ?? '']),
      legacy: false,
      dimensions: asNumber(body.dimensions),
      encoding,
      ext: extensionOf('openai-chat', kept) ?? { 'openai-chat': {} },
    };
  },

  /** Floats are asked for where the caller's dialect has nothing else: not every engine packs. */
  render: (request: EmbedRequest) => {
    const dropped: string[] = [];
    nameDropped(request.ext, 'openai-chat', '', dropped);
    if (request.keepAlive !== undefined) dropped.push('keep_alive');
    if (request.truncate !== undefined) dropped.push('truncate');
    const fields: JsonObject = {
      model: request.model,
      input: request.input,
      ...(request.dimensions === undefined ? {} : { dimensions: request.dimensions }),
      encoding_format: request.encoding,
    };
    return { path: '/v1/embeddings', body: restore(fields, request.ext, 'openai-chat'), dropped };
  },

  decode: (body: JsonObject): EmbedResult => {
    const data = asArray(body.data);
    if (data === undefined)
      throw new GatewayError('upstream_error', 'the engine answered without embeddings');
    const entries = data.map((value, position) => {
      const entry = asObject(value);
      return { index: asNumber(entry?.index) ?? position, vector: readVector(entry?.embedding) };
    });
    return {
      model: asString(body.model),
      vectors: entries.sort((left, right) => left.index - right.index).map(({ vector }) => vector),
      usage: { inputTokens: asNumber(asObject(body.usage)?.prompt_tokens) },
    };
  },

  encode: (result: EmbedResult, request: EmbedRequest): JsonObject => {
    const { inputTokens = 0 } = result.usage;
    return {
      object: 'list',
      data: result.vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: request.encoding === 'base64' ? packVector(vector) : vector,
      })),
      model: request.model,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    };
  },
};

/** An array of numbers is one input: a text as tokens. */
const isList = (input: Json | undefined): input is readonly Json[] =>
  Array.isArray(input) && typeof input[0] !== 'number';

const inputsOf = (inputs: readonly Json[]): EmbedRequest['input'] =>
  inputs.map((input) => asString(input) ?? (asArray(input) ?? []).map((token) => asNumber(token) ?? 0));
