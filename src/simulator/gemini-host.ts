/** Google's `generativelanguage` API as a host: every model is always there, and nothing of its machines shows. */

import { Hono } from 'hono';
import { asObject, type JsonObject } from '../spec/json.ts';
import type { Exchange } from './exchange.ts';
import { respond } from './exchange.ts';
import { answerGemini, type GeminiForm } from './gemini-answer.ts';
import { camelMembers } from './gemini-check.ts';
import { answerGeminiEmbeddings } from './gemini-embed.ts';
import { describeModel, geminiModels, listPage } from './gemini-models.ts';
import { promptTokensOf, readConversation, readGeminiRequest } from './gemini-request.ts';
import { badKey, geminiError, geminiSurface, unknownModel } from './gemini-words.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { RunnerSpec } from './placement.ts';

const specOf = (core: HostCore, { name, model }: ListedModel): RunnerSpec => ({
  key: model.digest,
  name,
  model,
  contextTokens: model.contextTokens,
  parallel: core.settings.slots,
  loadOptions: '',
});

/** Google's keys have one form; a host asks nobody for one, but a wrong one it refuses. */
const isRefused = (request: Request): boolean => {
  const key = request.headers.get('x-goog-api-key') ?? new URL(request.url).searchParams.get('key');
  return key !== null && !key.startsWith('AIza');
};

type Act = (exchange: Exchange, model: ListedModel, spec: RunnerSpec) => void;

/** Mounts the routes over a core. */
export const createGeminiApp = (core: HostCore): Hono => {
  const models = geminiModels(core.settings.models);
  const preload = (): void => {
    for (const model of models.values()) core.engine.scheduler.preload(specOf(core, model));
  };
  preload();
  core.onRestart(preload);

  const generated =
    (form: GeminiForm): Act =>
    (exchange, model, spec) => {
      const read = readGeminiRequest(core, withoutModel(exchange.body), model, spec);
      if ('refusal' in read) exchange.refuse(read.refusal);
      else answerGemini(core, exchange, read.ask, form);
    };

  const counted: Act = ({ body, reply }) => {
    const asked = asObject(camelMembers(body).generateContentRequest) ?? body;
    const totalTokens = promptTokensOf(readConversation(asked));
    reply.whole(200, 'application/json; charset=UTF-8', JSON.stringify({ totalTokens }));
  };

  const embedded =
    (form: 'one' | 'batch'): Act =>
    (exchange, { name }, spec) =>
      answerGeminiEmbeddings(core, exchange, name, spec, form);

  const actOf = (action: string, model: ListedModel, wantsEvents: boolean): Act | undefined => {
    const embeds = model.model.capabilities.includes('embedding');
    switch (action) {
      case 'generateContent':
        return embeds ? undefined : generated('whole');
      case 'streamGenerateContent':
        return embeds ? undefined : generated(wantsEvents ? 'events' : 'array');
      case 'countTokens':
        return counted;
      case 'embedContent':
        return embeds ? embedded('one') : undefined;
      case 'batchEmbedContents':
        return embeds ? embedded('batch') : undefined;
      default:
        return undefined;
    }
  };

  const act = (request: Request, target: string): Promise<Response> | Response => {
    if (isRefused(request)) return respond(badKey);
    const colon = target.lastIndexOf(':');
    const name = decodeURIComponent(colon < 0 ? target : target.slice(0, colon));
    const action = colon < 0 ? '' : target.slice(colon + 1);
    const model = models.get(name);
    const wantsEvents = new URL(request.url).searchParams.get('alt') === 'sse';
    const run = model === undefined ? undefined : actOf(action, model, wantsEvents);
    if (model === undefined || run === undefined) return respond(unknownModel(name, action));
    return core.exchange(
      request,
      geminiSurface,
      (exchange) => run(exchange, model, specOf(core, model)),
      name,
    );
  };

  const app = new Hono();
  for (const version of ['/v1beta', '/v1']) {
    app.get(`${version}/models`, (context) => {
      if (isRefused(context.req.raw)) return respond(badKey);
      const { pageSize, pageToken = '' } = context.req.query();
      return Response.json(listPage(models, Number(pageSize ?? 0), pageToken));
    });
    app.get(`${version}/models/:model`, (context) => {
      const model = models.get(context.req.param('model'));
      return model === undefined
        ? respond(unknownModel(context.req.param('model')))
        : Response.json(describeModel(model));
    });
    app.post(`${version}/models/:target`, (context) => act(context.req.raw, context.req.param('target')));
  }
  app.notFound(() =>
    respond(geminiError(404, 'NOT_FOUND', 'The requested URL was not found on this server.')),
  );
  return app;
};

/** The path says it, and the body it is checked by must not. */
const withoutModel = ({ model, ...body }: JsonObject): JsonObject => body;
