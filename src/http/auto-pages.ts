/** The pages on requests that leave their model open: what one wants, the groups there are, what an answer was worth. */

import type { Context, Hono } from 'hono';
import { GatewayError } from '../spec/gateway-error.ts';
import { asNumber, asObject, asString } from '../spec/json.ts';
import type { Scope } from '../spec/principal.ts';
import { InvalidJson, parseBody } from '../wire/json.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import { demandJsonFromBrowsers, type FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';
import { parseSmallBody } from './small-body.ts';
import { toExplain } from './to-explain.ts';

type AppContext = Context<AppEnvironment>;

const callers: readonly Scope[] = ['inference', 'admin'];

/** A body without a model leaves it open. */
const openBody = (bytes: Uint8Array, maxDepth: number): Uint8Array => {
  try {
    const body = asObject(parseBody(bytes, { maxDepth }).value);
    if (body === undefined || body.model !== undefined) return bytes;
    return encodeUtf8(JSON.stringify({ ...body, model: 'auto' }));
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
  }
};

const registerAnalyze = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  app.post('/api/v1/analyze', async ({ env, req }: AppContext) => {
    const received = await toExplain(env, req.raw, callers, deps, openBody);
    return jsonResponse(await deps.gateway.analyze(received), env.requestId);
  });
};

const registerGroups = (app: Hono<AppEnvironment>, { gateway }: FrontDeps): void => {
  app.get('/api/v1/groups', async (context) => {
    principalOf(context.env);
    if (!gateway.fleet.settled()) await gateway.discovery.settled();
    return jsonResponse({ groups: gateway.fleet.groups() }, context.env.requestId);
  });
};

const registerFeedback = (app: Hono<AppEnvironment>, { gateway, limits }: FrontDeps): void => {
  app.post('/v1/feedback', async ({ env, req }: AppContext) => {
    const principal = principalOf(env);
    demandScope(principal, callers);
    demandJsonFromBrowsers(env);
    const body = await parseSmallBody(req.raw, limits());
    const id = asString(body.request_id);
    const score = asNumber(body.score);
    if (id === undefined || id === '')
      throw new GatewayError('invalid_request', 'request_id must be a text', { param: 'request_id' });
    if (score === undefined || score < 0 || score > 1)
      throw new GatewayError('invalid_request', 'score must be a number from 0 to 1', { param: 'score' });
    const { model, tier, complexity } = gateway.feedback.take(id, score, principal.name);
    return jsonResponse({ request_id: id, score, model, tier, complexity }, env.requestId);
  });
};

/** Registers all of them. */
export const registerAutoPages = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  registerAnalyze(app, deps);
  registerGroups(app, deps);
  registerFeedback(app, deps);
};
