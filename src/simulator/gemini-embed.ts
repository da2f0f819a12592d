/** `:embedContent` and `:batchEmbedContents`: unit vectors, one for each content. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { embedText } from './embeddings.ts';
import type { Exchange } from './exchange.ts';
import { camelMembers, listed } from './gemini-check.ts';
import { invalidArgument } from './gemini-words.ts';
import { generate } from './generation.ts';
import type { HostCore } from './host-core.ts';
import type { RunnerSpec } from './placement.ts';
import { countTokens } from './tokens.ts';

const fullLength = 3072;

const textOf = (content: Json | undefined): string =>
  listed(asObject(content)?.parts)
    .map((part) => asString(asObject(part)?.text) ?? '')
    .join('\n');

/** The API knows each request's model by its full name, and it must be the one of the path. */
const isFor = (request: JsonObject, name: string): boolean => request.model === `models/${name}`;

/** Reads, runs and writes an embedding request. */
export const answerGeminiEmbeddings = (
  core: HostCore,
  exchange: Exchange,
  name: string,
  spec: RunnerSpec,
  form: 'one' | 'batch',
): void => {
  const { body, reply } = exchange;
  const requests =
    form === 'one' ? [body] : (asArray(body.requests) ?? []).map((each) => asObject(each) ?? {});
  if (requests.length === 0) {
    exchange.refuse(invalidArgument('* BatchEmbedContentsRequest.requests: requests is not specified'));
    return;
  }
  if (form === 'batch' && !requests.every((request) => isFor(request, name))) {
    exchange.refuse(
      invalidArgument(
        '* BatchEmbedContentsRequest.requests: model does not match the one specified in the request',
      ),
    );
    return;
  }
  const texts = requests.map((request) => textOf(request.content));
  if (texts.some((text) => text === '')) {
    exchange.refuse(invalidArgument('* EmbedContentRequest.content: contains an empty Part.'));
    return;
  }
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const answer = { pieces: [], calls: [], reason: 'stop' as const };
  generate(
    core,
    exchange,
    { spec, keepAliveMs: undefined, prompt: '', promptTokens, opening: '', answer },
    {
      piece: () => undefined,
      done() {
        const embeddings = texts.map((text, index) => {
          const asked = asNumber(camelMembers(requests[index]).outputDimensionality);
          return {
            values: embedText(text, spec.model.digest, Math.min(asked ?? fullLength, fullLength), 'unit'),
          };
        });
        const object = form === 'one' ? { embedding: embeddings[0] } : { embeddings };
        reply.whole(200, 'application/json; charset=UTF-8', JSON.stringify(object));
      },
    },
  );
};
