/** The path of the Responses API that generates. May import spec. */

import type { Route } from '../protocol.ts';

/** What is kept of earlier answers has pages of its own, which no host is asked for. */
export const routes: readonly Route[] = [{ method: 'POST', path: '/v1/responses', operation: 'chat' }];
