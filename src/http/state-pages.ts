/** The store that this instance serves to others at `/state`, and what they make of it all. */

import type { Context, Hono } from 'hono';
import { clusterReport } from '../gateway/cluster/report.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asArray, asNumber, asString, type JsonObject } from '../spec/json.ts';
import type { Scope } from '../spec/principal.ts';
import type { StateStore } from '../state/store.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import { demandJsonFromBrowsers, type FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';
import { parseSmallBody } from './small-body.ts';

type AppContext = Context<AppEnvironment>;

const members: readonly Scope[] = ['cluster'];
const observers: readonly Scope[] = ['metrics', 'admin'];

const mostKeysRead = 512;

const textIn = (body: JsonObject, name: string): string => {
  const text = asString(body[name]);
  if (text !== undefined) return text;
  throw new GatewayError('invalid_request', `${name} must be a string`, { param: name });
};

/** Registers them. */
export const registerStatePages = (app: Hono<AppEnvironment>, { gateway, limits }: FrontDeps): void => {
  const storeFor = async ({ env }: AppContext): Promise<StateStore> => {
    demandScope(principalOf(env), members);
    demandJsonFromBrowsers(env);
    const store = await gateway.cluster.served();
    if (store !== undefined) return store;
    throw new GatewayError('not_found', 'this instance keeps its state elsewhere');
  };

  app.get('/state/keys', async (context) => {
    const store = await storeFor(context);
    return jsonResponse({ keys: await store.keys() }, context.env.requestId);
  });
  app.post('/state/read', async (context) => {
    const store = await storeFor(context);
    const { keys } = await parseSmallBody(context.req.raw, limits());
    const wanted = (asArray(keys) ?? []).slice(0, mostKeysRead).flatMap((key) => asString(key) ?? []);
    const texts = Object.fromEntries(await store.read(wanted));
    return jsonResponse({ texts }, context.env.requestId);
  });
  app.put('/state/write', async (context) => {
    const store = await storeFor(context);
    const body = await parseSmallBody(context.req.raw, limits());
    try {
      await store.write(textIn(body, 'key'), textIn(body, 'text'), asNumber(body.lifeMs) ?? 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new GatewayError('invalid_request', error.message);
    }
    return jsonResponse({ written: true }, context.env.requestId);
  });
  app.put('/state/remove', async (context) => {
    const store = await storeFor(context);
    await store.remove(textIn(await parseSmallBody(context.req.raw, limits()), 'key'));
    return jsonResponse({ removed: true }, context.env.requestId);
  });
  app.get('/api/v1/cluster', (context) => {
    demandScope(principalOf(context.env), observers);
    return jsonResponse(clusterReport(gateway, gateway.now()), context.env.requestId);
  });
};
