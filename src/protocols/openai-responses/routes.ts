/** The paths of the Responses API that ask for an answer, or what asking would cost. May import spec. */

import type { Route } from '../protocol.ts';

/** What is kept of earlier answers has pages of its own, which no host is asked for. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/responses', operation: 'chat' },
  { method: 'POST', path: '/v1/responses/input_tokens', operation: 'count-tokens' },
];
