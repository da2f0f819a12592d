/** Requests whose path names the model and what is wanted of it; no table of fixed paths finds those. */

import { internalError } from '../gateway/internal-error.ts';
import type { Received } from '../gateway/stages.ts';
import { findModelRoute, holdsModel } from '../protocols/model-route.ts';
import type { Protocol, Route } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import type { Inference } from '../spec/vocabulary.ts';
import { asArray } from './array-stream.ts';
import { senderOf, tellingPeer } from './between-peers.ts';
import { type Exchange, errorResponse } from './exchange.ts';
import {
  answerCount,
  type FrontDeps,
  handleWithinLimits,
  type InferenceHandler,
  receivedOf,
} from './front.ts';
import { queryMember } from './routed-path.ts';

/** What a path asks for; to count is to read a prompt as a chat would. */
const askedOf = (
  protocol: Protocol,
  { operation, path, query = '', stream = false }: Route,
  model: string,
): Pick<Received, 'protocol' | 'operation' | 'path' | 'named'> => ({
  protocol,
  operation: operation === 'count-tokens' ? 'chat' : (operation as Inference),
  path: path + query,
  named: { model, stream },
});

const handlerOf = (protocol: Protocol, route: Route, model: string, deps: FrontDeps): InferenceHandler => {
  const { gateway } = deps;
  const asked = askedOf(protocol, route, model);

  const answer = async (request: Request, exchange: Exchange): Promise<Response> => {
    if (route.operation === 'count-tokens') return answerCount(request, exchange, asked, deps);
    const sender = senderOf(exchange.headers);
    const received = receivedOf(request, exchange, asked, deps);
    const handled = handleWithinLimits(request, received, deps);
    const response = await (sender === 'peer' ? tellingPeer(handled, gateway) : handled);
    const { array } = protocol;
    const wantsArray = route.stream === true && queryMember(request.url, 'alt') !== 'sse';
    return wantsArray && array !== undefined ? asArray(response, array()) : response;
  };

  return async (request, exchange) => {
    try {
      return await answer(request, exchange);
    } catch (error) {
      return errorResponse(internalError(error, exchange.requestId, deps.report), exchange);
    }
  };
};

/** Finds who answers a POST to such a path; undefined for every other path. */
export const namedHandlers = (deps: FrontDeps): ((path: string) => InferenceHandler | undefined) => {
  const tables = protocols
    .map((protocol) => ({ protocol, routes: protocol.routes.filter(holdsModel) }))
    .filter(({ routes }) => routes.length > 0);
  return (path) => {
    for (const { protocol, routes } of tables) {
      const found = findModelRoute(routes, path);
      if (found !== undefined) return handlerOf(protocol, found.route, found.model, deps);
    }
    return undefined;
  };
};
