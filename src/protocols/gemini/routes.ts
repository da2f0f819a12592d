/** Gemini's paths. May import spec. */

import type { Operation } from '../../spec/vocabulary.ts';
import type { Route } from '../protocol.ts';

const actions: readonly (readonly [action: string, operation: Operation, stream?: true])[] = [
  ['generateContent', 'chat'],
  ['streamGenerateContent', 'chat', true],
  ['embedContent', 'embed'],
  ['batchEmbedContents', 'embed'],
  ['countTokens', 'count-tokens'],
];

const actionsUnder = (version: string): readonly Route[] =>
  actions.map(([action, operation, stream]) => ({
    method: 'POST',
    path: `${version}/models/{model}:${action}`,
    operation,
    stream,
    // Without it the answer is one array, whose entries no machine of ours cuts apart.
    query: stream && '?alt=sse',
  }));

/** Google serves its stable part under `/v1`, too; the listings there are OpenAI's, whose clients have no other. */
export const routes: readonly Route[] = [
  ...actionsUnder('/v1beta'),
  ...actionsUnder('/v1'),
  { method: 'GET', path: '/v1beta/models', operation: 'list-models' },
  { method: 'GET', path: '/v1beta/models/{model}', operation: 'show-model' },
];
