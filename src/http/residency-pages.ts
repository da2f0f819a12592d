/** The pages that bring a model into memory and put it out. */

import type { Context, Hono } from 'hono';
import { createDeparture } from '../gateway/departure.ts';
import type { Placement } from '../gateway/fleet.ts';
import type { ResidencyReport } from '../gateway/residency.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asString } from '../spec/json.ts';
import type { Principal, Scope } from '../spec/principal.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import { explainedAs } from './explained-as.ts';
import { demandJsonFromBrowsers, type FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';
import { modelIn, modelPrefix } from './model-path.ts';
import { parseSmallBody } from './small-body.ts';

type AppContext = Context<AppEnvironment>;

const admins: readonly Scope[] = ['admin'];

/** Where a request for the model would go, be it one for words or for vectors. */
const plannedPlace = async (
  model: string,
  { env, req }: AppContext,
  principal: Principal,
  { gateway, ports, limits }: FrontDeps,
): Promise<Placement> => {
  const reasons: string[] = [];
  for (const content of [{ messages: [{ role: 'user', content: '' }] }, { input: 'x' }]) {
    const bytes = encodeUtf8(JSON.stringify({ model, ...content }));
    const received = {
      ...explainedAs(bytes),
      bytes,
      requestId: env.requestId,
      principal,
      departure: createDeparture(req.raw, undefined),
      headers: env.headers,
      arrivedAt: ports.clock.now(),
      maxDepth: limits().maxDepth,
    };
    const { rounds } = await gateway.plan(received, Promise.resolve(bytes));
    const plan = rounds[0]?.plan;
    const best = plan?.attempts[0] ?? plan?.full[0];
    if (best !== undefined) return gateway.residency.placeOf(model, best.candidate.backend);
    for (const { candidate, reason } of plan?.rejected ?? [])
      reasons.push(`${candidate.backend}: ${reason.text}`);
  }
  throw new GatewayError('overloaded', `no backend can take '${model}' now (${reasons.join('; ')})`, {
    retryAfterMs: 5_000,
  });
};

/** Registers both. */
export const registerResidencyPages = (app: Hono<AppEnvironment>, deps: FrontDeps): void => {
  const { gateway, limits } = deps;
  const { residency } = gateway;

  const backendIn = async (request: Request): Promise<string | undefined> => {
    if (request.body === null || request.headers.get('content-length') === '0') return undefined;
    const { backend } = await parseSmallBody(request, limits());
    if (backend === undefined || backend === null) return undefined;
    const name = asString(backend);
    if (name !== undefined) return name;
    throw new GatewayError('invalid_request', 'backend must be a string', { param: 'backend' });
  };

  const changed = async (
    context: AppContext,
    what: 'load' | 'unload',
  ): Promise<{ readonly model: string; readonly backends: readonly ResidencyReport[] }> => {
    const { env, req } = context;
    const principal = principalOf(env);
    demandScope(principal, admins);
    demandJsonFromBrowsers(env);
    const model = modelIn(env.path, what);
    const backend = await backendIn(req.raw);
    if (!gateway.fleet.settled()) await gateway.discovery.settled();
    // A load takes as long as it takes.
    env.connection?.liftTimeout(req.raw);
    try {
      if (what === 'unload') {
        const places = backend === undefined ? residency.holders(model) : [residency.placeOf(model, backend)];
        return { model, backends: await Promise.all(places.map(residency.unload)) };
      }
      const place =
        backend === undefined
          ? await plannedPlace(model, context, principal, deps)
          : residency.placeOf(model, backend);
      return { model, backends: [await residency.load(place)] };
    } finally {
      env.connection?.restoreTimeout(req.raw);
    }
  };

  app.post(`${modelPrefix}:page{.+}`, async (context, next) => {
    const { path, requestId } = context.env;
    for (const what of ['load', 'unload'] as const)
      if (path.endsWith(`/${what}`)) return jsonResponse(await changed(context, what), requestId);
    return await next();
  });
};
