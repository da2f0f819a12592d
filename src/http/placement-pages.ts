/** The pages on where requests go: the mode, the last decisions, and where a request would go. */

import type { Context, Hono } from 'hono';
import { keptDecision, modeListing, recentDecisions, wholeDecision } from '../gateway/decision-pages.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Scope } from '../spec/principal.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import { demandJsonFromBrowsers, type FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';
import { parseSmallBody } from './small-body.ts';
import { toExplain } from './to-explain.ts';

type AppContext = Context<AppEnvironment>;

/** Who may see what others asked for. */
const observers: readonly Scope[] = ['metrics', 'admin'];
const planners: readonly Scope[] = ['inference', 'admin'];
const admins: readonly Scope[] = ['admin'];

const shownDecisions = 50;
const mostDecisions = 1000;

const limitOf = (context: AppContext): number => {
  const text = context.req.query('limit');
  if (text === undefined) return shownDecisions;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return Math.min(mostDecisions, limit);
  throw new GatewayError('invalid_request', 'limit must be a whole number from 1 on', { param: 'limit' });
};

const registerMode = (app: Hono<AppEnvironment>, { gateway, limits }: FrontDeps): void => {
  const page = ({ env }: AppContext): Response =>
    jsonResponse({ mode: gateway.mode(), modes: modeListing }, env.requestId);
  app.get('/api/v1/mode', (context) => {
    principalOf(context.env);
    return page(context);
  });
  app.put('/api/v1/mode', async (context) => {
    demandScope(principalOf(context.env), admins);
    demandJsonFromBrowsers(context.env);
    const { mode } = await parseSmallBody(context.req.raw, limits());
    gateway.setMode(typeof mode === 'string' ? mode : '');
    return page(context);
  });
};

const registerDecisions = (app: Hono<AppEnvironment>, { gateway }: FrontDeps): void => {
  app.get('/api/v1/decisions', (context) => {
    demandScope(principalOf(context.env), observers);
    const decisions = recentDecisions(gateway.decisions, limitOf(context));
    return jsonResponse({ decisions }, context.env.requestId);
  });
  app.get('/api/v1/decisions/:id', (context) => {
    const { name, scopes } = principalOf(context.env);
    const observes = observers.some((scope) => scopes.has(scope));
    // Of others' requests a plain key does not even learn whether they were there.
    const record = keptDecision(
      gateway.decisions,
      context.req.param('id'),
      ({ principal }) => observes || principal === name,
    );
    return jsonResponse(wholeDecision(record), context.env.requestId);
  });
};

const registerRoute = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  app.post('/api/v1/route', async ({ env, req }) => {
    const received = await toExplain(env, req.raw, planners, deps);
    const record = await deps.gateway.plan(received, Promise.resolve(received.bytes));
    return jsonResponse(wholeDecision(record), env.requestId);
  });
};

/** Registers all of them. */
export const registerPlacementPages = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  registerMode(app, deps);
  registerDecisions(app, deps);
  registerRoute(app, deps);
};
