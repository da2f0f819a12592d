/** Anthropic's API as a host: messages, token counts, a listing in pages, limits per minute. */

import { type Context, Hono } from 'hono';
import { asString, type JsonObject } from '../spec/json.ts';
import { answerAnthropic } from './anthropic-answer.ts';
import { readAnthropicConversation } from './anthropic-content.ts';
import { anthropicError, anthropicSurface, badRequest, unknownModel } from './anthropic-errors.ts';
import { createLimits } from './anthropic-limits.ts';
import { anthropicPromptTokens, readAnthropicRequest } from './anthropic-request.ts';
import { mib } from './byte-size.ts';
import { type Refusal, readBody, respond } from './exchange.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import { listModels } from './ollama-models.ts';
import type { RunnerSpec } from './placement.ts';

/** What every model of the provider can do; it holds them somewhere, and nobody waits for a load. */
const asProviderModel = ({ name, model }: ListedModel): ListedModel => ({
  name,
  model: {
    ...model,
    sizeBytes: mib,
    contextBytesPerToken: 0,
    contextTokens: 200_000,
    capabilities: ['completion', 'tools', 'vision', 'thinking'],
  },
});

const specOf = ({ settings }: HostCore, { name, model }: ListedModel): RunnerSpec => ({
  key: name,
  name,
  model,
  contextTokens: model.contextTokens,
  parallel: settings.slots,
  loadOptions: '',
});

/** What a request must bring before its body is looked at. */
const headProblem = ({ headers }: Request): Refusal | undefined => {
  const key = headers.get('x-api-key') ?? headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
  if (key === '') return anthropicError(401, 'authentication_error', 'x-api-key header is required');
  if (key.includes('invalid')) return anthropicError(401, 'authentication_error', 'invalid x-api-key');
  if (key.includes('unpaid')) {
    return badRequest(
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    );
  }
  return headers.get('anthropic-version') === null
    ? badRequest('anthropic-version: header is required')
    : undefined;
};

const defaultPage = 20;

/** `GET /v1/models`: newest first, in pages. */
const listPage = (core: HostCore, models: readonly ListedModel[], query: URLSearchParams): JsonObject => {
  const limit = Number(query.get('limit') ?? defaultPage);
  const after = query.get('after_id');
  const from = after === null ? 0 : models.findIndex(({ name }) => name === after) + 1;
  const page = models.slice(from, from + limit);
  return {
    data: page.map((listed) => entryOf(core, listed)),
    has_more: from + limit < models.length,
    first_id: page[0]?.name ?? null,
    last_id: page[page.length - 1]?.name ?? null,
    simulated: true,
  };
};

const entryOf = ({ settings }: HostCore, { name, model }: ListedModel): JsonObject => ({
  type: 'model',
  id: name,
  display_name: `${name} on ${settings.name}`,
  created_at: '2025-09-29T00:00:00Z',
  max_input_tokens: model.contextTokens,
  max_tokens: 64_000,
});

/** Mounts the routes over a core. */
export const createAnthropicApp = (core: HostCore): Hono => {
  const listed = [...listModels(core.settings.models, (name) => name).values()].map(asProviderModel);
  const models = new Map(listed.map((each) => [each.name, each]));
  for (const each of listed) core.engine.scheduler.preload(specOf(core, each));

  const limits = createLimits(core.clock);

  const messages = (request: Request): Promise<Response> | Response => {
    const problem = headProblem(request);
    if (problem !== undefined) return respond(problem);
    return core.exchange(request, anthropicSurface, (exchange) => {
      const name = asString(exchange.body.model) ?? '';
      const model = models.get(name);
      if (model === undefined) return exchange.refuse(unknownModel(name));
      const read = readAnthropicRequest(core, exchange.body, model, specOf(core, model));
      if ('refusal' in read) exchange.refuse(read.refusal);
      else answerAnthropic(core, exchange, read.ask, limits.take(read.ask.generation.promptTokens));
    });
  };

  const count = async (request: Request): Promise<Response> => {
    const problem = headProblem(request);
    if (problem !== undefined) return respond(problem);
    const given = await readBody(request, anthropicSurface);
    if ('problem' in given) return respond(anthropicSurface.badBody(given.problem));
    const name = asString(given.body.model) ?? '';
    if (!models.has(name)) return respond(unknownModel(name));
    const read = readAnthropicConversation(given.body);
    if ('problem' in read) return respond(badRequest(read.problem));
    return Response.json({ input_tokens: anthropicPromptTokens(read.conversation, given.body) });
  };

  const list = (context: Context): Response => {
    const problem = headProblem(context.req.raw);
    if (problem !== undefined) return respond(problem);
    return Response.json(listPage(core, listed, new URL(context.req.url).searchParams));
  };

  const one = (context: Context): Response => {
    const problem = headProblem(context.req.raw);
    const name = context.req.param('model') ?? '';
    const model = models.get(name);
    if (problem !== undefined) return respond(problem);
    return model === undefined ? respond(unknownModel(name)) : Response.json(entryOf(core, model));
  };

  const app = new Hono();
  app.post('/v1/messages', (context) => messages(context.req.raw));
  app.post('/v1/messages/count_tokens', (context) => count(context.req.raw));
  app.get('/v1/models', list);
  app.get('/v1/models/:model', one);
  app.notFound(() => respond(anthropicError(404, 'not_found_error', 'Not Found')));
  return app;
};
