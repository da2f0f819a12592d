/** Anthropic's paths. May import spec. */

import type { Route } from '../protocol.ts';

/** Its listing of models lies where OpenAI's does, and is told apart by the header `anthropic-version`. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/messages', operation: 'chat' },
  { method: 'POST', path: '/v1/messages/count_tokens', operation: 'count-tokens' },
];
