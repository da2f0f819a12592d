/** A request that is only explained: read as any other, in the dialect its body is written in, and sent nowhere. */

import { createDeparture } from '../gateway/departure.ts';
import type { Received } from '../gateway/stages.ts';
import type { Scope } from '../spec/principal.ts';
import { readBody } from './body.ts';
import { type Exchange, principalOf } from './exchange.ts';
import { explainedAs } from './explained-as.ts';
import { demandJsonFromBrowsers, type FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';

/** With its body; `opened` may take the body out of what wraps it. Throws for who may not ask. */
export const toExplain = async (
  exchange: Exchange,
  request: Request,
  scopes: readonly Scope[],
  { ports, limits }: FrontDeps,
  opened: (bytes: Uint8Array, maxDepth: number) => Uint8Array = (bytes) => bytes,
): Promise<Received> => {
  const { requestId, headers, connection } = exchange;
  const arrivedAt = ports.clock.now();
  const principal = principalOf(exchange);
  demandScope(principal, scopes);
  demandJsonFromBrowsers(exchange);
  const { maxDepth, ...bodyLimits } = limits();
  const departure = createDeparture(request, connection);
  const bytes = opened(await readBody(request, bodyLimits), maxDepth);
  const asked = explainedAs(bytes);
  return { ...asked, bytes, requestId, principal, departure, headers, arrivedAt, maxDepth };
};
