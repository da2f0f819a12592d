/** The pages of answers that are kept: read one, what its request said, or have it forgotten. */

import type { Context, Hono } from 'hono';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { Scope } from '../spec/principal.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import type { FrontDeps } from './front.ts';
import { demandScope } from './keys.ts';

type AppContext = Context<AppEnvironment>;

const inferenceScope: readonly Scope[] = ['inference'];

const notFound = (id: string): GatewayError =>
  new GatewayError('not_found', `response with id ${JSON.stringify(id)} not found`);

const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

const defaultLimit = 20;
const maxLimit = 100;

const limitIn = (text: string | undefined): number => {
  const limit = text === undefined ? defaultLimit : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  throw invalid('limit', `limit must be a whole number from 1 to ${maxLimit}`);
};

const orderIn = (text: string | undefined): 'asc' | 'desc' => {
  if (text === undefined || text === 'desc') return 'desc';
  if (text === 'asc') return 'asc';
  throw invalid('order', "order must be 'asc' or 'desc'");
};

/** Clients page by ids, and most items come without one. */
const named = (id: string, items: readonly Json[]): readonly JsonObject[] =>
  items.map((value, index) => {
    const item = asObject(value) ?? {};
    return { ...item, type: item.type ?? 'message', id: asString(item.id) ?? `${id}_${index}` };
  });

const pageOf = (items: readonly JsonObject[], context: AppContext): JsonObject => {
  const limit = limitIn(context.req.query('limit'));
  const ordered = orderIn(context.req.query('order')) === 'asc' ? items : [...items].reverse();
  const after = context.req.query('after');
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data[data.length - 1]?.id ?? null,
    has_more: start + limit < ordered.length,
  };
};

/** Registers all; a key sees its own answers only. */
export const registerStoredResponsePages = (
  app: Hono<AppEnvironment>,
  { gateway }: Pick<FrontDeps, 'gateway'>,
): void => {
  const { stored } = gateway;

  const asked = ({ env, req }: AppContext): { readonly owner: string; readonly id: string } => {
    const principal = principalOf(env);
    demandScope(principal, inferenceScope);
    return { owner: principal.name, id: req.param('id') ?? '' };
  };

  app.get('/v1/responses/:id', (context) => {
    const { owner, id } = asked(context);
    if (context.req.query('stream') === 'true') {
      throw invalid('stream', 'a stored response is told whole, not streamed again');
    }
    const answer = stored.answer(owner, id);
    if (answer === undefined) throw notFound(id);
    return jsonResponse(answer, context.env.requestId);
  });

  app.get('/v1/responses/:id/input_items', (context) => {
    const { owner, id } = asked(context);
    const items = stored.inputItems(owner, id);
    if (items === undefined) throw notFound(id);
    return jsonResponse(pageOf(named(id, items), context), context.env.requestId);
  });

  app.delete('/v1/responses/:id', (context) => {
    const { owner, id } = asked(context);
    if (!stored.remove(owner, id)) throw notFound(id);
    return jsonResponse({ id, object: 'response', deleted: true }, context.env.requestId);
  });
};
