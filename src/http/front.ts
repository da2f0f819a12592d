/** The dialects' routes: inference goes to the gateway, past the router; questions about models are answered from what is known. */

import type { Context, Hono } from 'hono';
import { lowestBackendVersion } from '../gateway/backend-version.ts';
import { countTokens } from '../gateway/count-tokens.ts';
import { createDeparture } from '../gateway/departure.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { internalError } from '../gateway/internal-error.ts';
import { showFromHost } from '../gateway/show.ts';
import type { Received } from '../gateway/stages.ts';
import { holdsModel } from '../protocols/model-route.ts';
import type { NamedCard, Protocol, Route } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asString, type JsonObject } from '../spec/json.ts';
import type { Ports } from '../spec/ports.ts';
import type { Scope } from '../spec/principal.ts';
import { emulatedOllamaVersion } from '../spec/version.ts';
import { type Inference, type Operation, type Raw, rawNames } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { senderOf, tellingPeer } from './between-peers.ts';
import { type BodyLimits, readBody } from './body.ts';
import {
  type AppEnvironment,
  dialectOf,
  type Exchange,
  errorResponse,
  jsonResponse,
  principalOf,
} from './exchange.ts';
import { demandScope } from './keys.ts';
import { answerLimited } from './limited-keys.ts';
import { parseSmallBody } from './small-body.ts';

/** What is read of a request at most. */
export interface RequestLimits extends BodyLimits {
  readonly maxDepth: number;
}

export interface FrontDeps {
  readonly gateway: Gateway;
  readonly ports: Ports;
  readonly limits: () => RequestLimits;
  readonly report: Report;
}

type Handler = (context: Context<AppEnvironment>) => Promise<Response> | Response;

export const inferenceScope: readonly Scope[] = ['inference'];

const rawOperations: ReadonlySet<string> = new Set(rawNames);

/** Whether an operation's bodies pass as they are. */
export const isRaw = (operation: Operation): operation is Raw => rawOperations.has(operation);

const inference: readonly Operation[] = ['chat', 'complete', 'embed'] satisfies readonly Inference[];

/** A browser's plain form post reaches any address without asking; JSON it may send only where CORS lets it. */
export const demandJsonFromBrowsers = ({ headers, origin }: Exchange): void => {
  const fromBrowser = origin !== null || headers.has('sec-fetch-mode');
  if (fromBrowser && !/^application\/([a-z.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '')) {
    throw new GatewayError('unsupported_media_type', 'content-type must be application/json');
  }
};

/** Answers an inference request, errors included. */
export type InferenceHandler = (request: Request, exchange: Exchange) => Response | Promise<Response>;

const nothing = new Uint8Array(0);

/** A request before its body was read; throws for who may not ask. */
export const receivedOf = (
  request: Request,
  exchange: Exchange,
  asked: Pick<Received, 'protocol' | 'operation' | 'path' | 'named'>,
  { ports, limits }: FrontDeps,
): Received => {
  const { connection, requestId, headers } = exchange;
  const arrivedAt = ports.clock.now();
  const principal = principalOf(exchange);
  demandScope(principal, inferenceScope);
  demandJsonFromBrowsers(exchange);
  return {
    protocol: asked.protocol,
    operation: asked.operation,
    path: asked.path,
    named: asked.named,
    bytes: nothing,
    requestId,
    answerId: asked.protocol.recall === undefined ? undefined : ports.ids(),
    principal,
    departure: createDeparture(request, connection),
    headers,
    arrivedAt,
    maxDepth: limits().maxDepth,
  };
};

const handle = (request: Request, received: Received, { gateway, limits }: FrontDeps): Promise<Response> =>
  gateway.handle(received, readBody(request, limits()));

/** Has it answered; where its key has limits, the body is read only if they leave room. */
export const handleWithinLimits = (
  request: Request,
  received: Received,
  deps: FrontDeps,
): Promise<Response> =>
  received.principal.isLimited === true
    ? answerLimited(received, deps, () => handle(request, received, deps))
    : handle(request, received, deps);

const inferenceHandler = (protocol: Protocol, route: Route, deps: FrontDeps): InferenceHandler => {
  const { gateway, report } = deps;
  const asked = { protocol, operation: route.operation as Inference, path: route.path };
  return (request, exchange) => {
    try {
      const sender = senderOf(exchange.headers);
      const received = receivedOf(request, exchange, asked, deps);
      const answer = handleWithinLimits(request, received, deps);
      return sender === 'peer' ? tellingPeer(answer, gateway) : answer;
    } catch (error) {
      return errorResponse(internalError(error, exchange.requestId, report), exchange);
    }
  };
};

/**
 * Every dialect's inference by path: the paths are fixed and take POST alone,
 * so a small request is spared the router and the context it makes.
 */
export const inferenceHandlers = (deps: FrontDeps): ReadonlyMap<string, InferenceHandler> =>
  new Map(
    protocols.flatMap((protocol) =>
      protocol.routes
        .filter((route) => inference.includes(route.operation) && !holdsModel(route))
        .map((route) => [route.path, inferenceHandler(protocol, route, deps)] as const),
    ),
  );

const catalogue = async ({ gateway }: FrontDeps): Promise<readonly NamedCard[]> => {
  if (!gateway.fleet.settled()) await gateway.discovery.settled();
  return gateway.fleet.catalogue();
};

const notFound = (model: string, { gateway }: FrontDeps): GatewayError => {
  const near = gateway.fleet.near(model);
  const hint = near.length > 0 ? `; did you mean ${near.map((name) => `'${name}'`).join(', ')}?` : '';
  return new GatewayError('model_not_found', `model '${model}' not found${hint}`, { param: 'model' });
};

/** The card of a model under any of its names. */
const cardOf = async (model: string, deps: FrontDeps): Promise<NamedCard> => {
  const listed = await catalogue(deps);
  const exact = listed.find(({ name }) => name.toLowerCase() === model.toLowerCase());
  if (exact !== undefined) return { ...exact, name: model };
  const [placement] = deps.gateway.fleet.placements(model);
  const card = placement?.host.cards.get(placement.upstream);
  if (placement === undefined || card === undefined) throw notFound(model, deps);
  return { name: model, card, simulated: placement.host.simulated };
};

const showHandler =
  (protocol: Protocol, route: Route, deps: FrontDeps): Handler =>
  async (context) => {
    const { requestId, path } = context.env;
    principalOf(context.env);
    if (context.req.method === 'GET') {
      const name = decodeURIComponent(path.slice(route.path.indexOf('{model}')));
      const { models } = dialectOf(path, context.env.headers);
      return jsonResponse(models.one(await cardOf(name, deps)), requestId);
    }
    const body = await parseSmallBody(context.req.raw, deps.limits());
    const model = asString(body.model) || asString(body.name) || '';
    if (model === '') throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
    const named = await cardOf(model, deps);
    const page = await showFromHost(model, body, deps.gateway.fleet, deps.ports);
    return jsonResponse(page ?? protocol.models.one(named), requestId);
  };

/** Answers a question from what is known, without a call to any host. */
const knownHandler =
  (answer: (exchange: Exchange) => Promise<JsonObject> | JsonObject): Handler =>
  async (context) => {
    principalOf(context.env);
    return jsonResponse(await answer(context.env), context.env.requestId);
  };

/** How many tokens a prompt has: asked of a host that can tell, else estimated and marked so. */
export const answerCount = async (
  request: Request,
  exchange: Exchange,
  asked: Pick<Received, 'protocol' | 'path' | 'named'>,
  deps: FrontDeps,
): Promise<Response> => {
  const principal = principalOf(exchange);
  demandScope(principal, inferenceScope);
  demandJsonFromBrowsers(exchange);
  const { maxDepth } = deps.limits();
  const bytes = await readBody(request, deps.limits());
  const { protocol, path, named } = asked;
  const { headers } = exchange;
  const counted = await countTokens(
    { protocol, path, named, bytes, headers, maxDepth, principal, mode: deps.gateway.mode() },
    deps.gateway.fleet,
    deps.ports,
  );
  const response = jsonResponse(counted.body, exchange.requestId);
  if (counted.isEstimate) response.headers.set('x-pointsman-estimate', 'true');
  return response;
};

const countHandler =
  (protocol: Protocol, route: Route, deps: FrontDeps): Handler =>
  ({ req, env }) =>
    answerCount(req.raw, env, { protocol, path: route.path }, deps);

const handlerFor = (protocol: Protocol, route: Route, deps: FrontDeps): Handler => {
  switch (route.operation) {
    case 'list-models':
      // Two dialects list their models on one path, and the headers tell whose client asks.
      return knownHandler(async ({ path, headers }) => {
        const { models } = path === '/v1/models' ? dialectOf(path, headers) : protocol;
        return models.list(await catalogue(deps));
      });
    case 'count-tokens':
      return countHandler(protocol, route, deps);
    case 'list-loaded':
      return knownHandler(async () => {
        const listed = await catalogue(deps);
        return protocol.models.loaded(listed.filter(({ card }) => card.loaded !== undefined));
      });
    case 'show-model':
      return showHandler(protocol, route, deps);
    case 'version':
      return knownHandler(() => ({
        version: lowestBackendVersion(deps.gateway.fleet) ?? emulatedOllamaVersion,
      }));
    case 'status':
      return knownHandler(() => ({ cloud: { disabled: true, source: 'config' } }));
    case 'account':
      return () => {
        throw new GatewayError('unauthorized', 'this address has no account of its own');
      };
    default:
      return (context) => {
        principalOf(context.env);
        throw new GatewayError(
          'not_implemented',
          'models are pulled, created and deleted on their own host, not through this address yet',
        );
      };
  }
};

const telemetryPath = '/api/event_logging/batch';

/** Hono's spelling of a route; a trailing `{model}` takes names with slashes. */
const pattern = (path: string): string => path.replace(/\{model\}$/, ':model{.+}');

/** Registers the other routes of every dialect. */
export const registerFronts = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  for (const protocol of protocols) {
    for (const route of protocol.routes) {
      // Hono answers HEAD through GET.
      const isElsewhere = inference.includes(route.operation) || isRaw(route.operation) || holdsModel(route);
      if (route.method !== 'HEAD' && !isElsewhere)
        app.on(route.method, pattern(route.path), handlerFor(protocol, route, deps));
    }
  }
  // Claude Code reports its own use to wherever it sends its requests; nobody here wants to know.
  app.post(telemetryPath, () => new Response(null, { status: 204 }));
  app.get('/', (context) => {
    principalOf(context.env);
    return new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
  });
};
