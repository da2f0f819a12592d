/** OpenAI's paths. May import spec. */

import type { Route } from '../protocol.ts';

/** The part of OpenAI's surface that local engines share; model names in paths may hold slashes. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/chat/completions', operation: 'chat' },
  { method: 'POST', path: '/v1/completions', operation: 'complete' },
  { method: 'POST', path: '/v1/embeddings', operation: 'embed' },
  { method: 'POST', path: '/v1/audio/transcriptions', operation: 'transcription' },
  { method: 'POST', path: '/v1/audio/translations', operation: 'speech-translation' },
  { method: 'POST', path: '/v1/audio/speech', operation: 'speech' },
  { method: 'POST', path: '/v1/images/generations', operation: 'image-generation' },
  { method: 'POST', path: '/v1/moderations', operation: 'moderation' },
  { method: 'POST', path: '/v1/rerank', operation: 'rerank' },
  { method: 'GET', path: '/v1/models', operation: 'list-models' },
  { method: 'GET', path: '/v1/models/{model}', operation: 'show-model' },
];
