/** `POST /v1/embeddings`: unit vectors, as floats or packed in base64. */

import { asArray, asNumber, asString, type Json } from '../spec/json.ts';
import { embedText, packVector } from './embeddings.ts';
import type { Exchange } from './exchange.ts';
import { generate } from './generation.ts';
import type { HostCore } from './host-core.ts';
import type { OpenAiFlavour } from './openai-flavour.ts';
import type { OpenAiTarget } from './openai-request.ts';
import { countTokens } from './tokens.ts';

/** Texts, or token lists, which are texts of their numbers to a simulation; undefined when it is neither. */
const inputsOf = (input: Json | undefined): readonly string[] | undefined => {
  if (typeof input === 'string') return [input];
  const list = asArray(input);
  if (list === undefined || list.length === 0) return undefined;
  if (list.every((item) => typeof item === 'number')) return [list.join(' ')];
  return list.map((item) => (typeof item === 'string' ? item : (asArray(item) ?? []).join(' ')));
};

/** Reads, runs and writes an embedding request. */
export const answerOpenAiEmbeddings = (
  core: HostCore,
  exchange: Exchange,
  flavour: OpenAiFlavour,
  target: OpenAiTarget,
): void => {
  const { body, reply } = exchange;
  const inputs = inputsOf(body.input);
  if (inputs === undefined) {
    exchange.refuse(flavour.badRequest('invalid input'));
    return;
  }
  const encoding = asString(body.encoding_format) ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') {
    exchange.refuse(flavour.badRequest(`Invalid value for 'encoding_format' = ${encoding}.`));
    return;
  }
  const { spec, keepAliveMs } = target;
  const { model } = spec;
  const promptTokens = inputs.reduce((sum, text) => sum + countTokens(text), 0);
  const longest = Math.max(...inputs.map((text) => countTokens(text)));
  if (longest > spec.contextTokens) {
    const sizes = `input (${longest} tokens) is larger than the max context size (${spec.contextTokens} tokens). skipping`;
    exchange.refuse(flavour.badRequest(sizes));
    return;
  }
  const dimensions = Math.min(asNumber(body.dimensions) ?? Infinity, model.embeddingLength);
  const answer = { pieces: [], calls: [], reason: 'stop' as const };
  generate(
    core,
    exchange,
    { spec, keepAliveMs, prompt: '', promptTokens, opening: '', answer },
    {
      piece: () => undefined,
      done() {
        const data = inputs.map((text, index) => {
          const vector = embedText(text, model.digest, dimensions, 'unit');
          return {
            object: 'embedding',
            index,
            embedding: encoding === 'base64' ? packVector(vector) : vector,
          };
        });
        const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
        const name = asString(body.model) ?? target.listed.name;
        reply.whole(
          200,
          'application/json; charset=utf-8',
          JSON.stringify({ object: 'list', data, model: name, usage }),
        );
      },
    },
  );
};
