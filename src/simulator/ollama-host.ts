/** An Ollama host: its native API with its listings, answers and complaints. */

import { Hono } from 'hono';
import { asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { respond } from './exchange.ts';
import { foreignOrigin } from './foreign-origin.ts';
import type { HostCore } from './host-core.ts';
import { answerOllama } from './ollama-answer.ts';
import { answerEmbed, answerEmbeddings } from './ollama-embed.ts';
import { describeModel, listModels, loadedOf, ollamaName, tagsOf } from './ollama-models.ts';
import { defaultOllamaOptions } from './ollama-options.ts';
import { type OllamaOperation, ollamaSpec, readOllamaRequest } from './ollama-request.ts';
import { ollamaError, ollamaSurface } from './ollama-surface.ts';

const json = (body: JsonObject): Response =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json; charset=utf-8' } });

const text = (status: number, body: string): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

const readJson = async (request: Request): Promise<JsonObject> => {
  try {
    return asObject((await request.json()) as Json) ?? {};
  } catch {
    return {};
  }
};

/** Mounts the routes over a core; the order of `models` is the order of the listing. */
export const createOllamaApp = (core: HostCore): Hono => {
  const { settings } = core;
  const models = listModels(settings.models, ollamaName);
  const surface = ollamaSurface(settings.engine);
  for (const name of settings.preload) {
    const listed = models.get(ollamaName(name));
    if (listed !== undefined)
      core.engine.scheduler.preload(ollamaSpec(core, listed, defaultOllamaOptions, true));
  }
  const app = new Hono();
  app.use((context, next) =>
    foreignOrigin(context.req.raw) ? Promise.resolve(new Response(null, { status: 403 })) : next(),
  );

  const answer = (operation: OllamaOperation) => (request: Request) =>
    core.exchange(request, surface, (exchange) => {
      const read = readOllamaRequest(core, models, exchange.body, operation);
      if ('refusal' in read) exchange.refuse(read.refusal);
      else answerOllama(core, exchange, read.ask);
    });
  const chat = answer('chat');
  const generate = answer('generate');

  app.post('/api/chat', (context) => chat(context.req.raw));
  app.post('/api/generate', (context) => generate(context.req.raw));
  app.post('/api/embed', (context) =>
    core.exchange(context.req.raw, surface, (exchange) => answerEmbed(core, models, exchange)),
  );
  app.post('/api/embeddings', (context) =>
    core.exchange(context.req.raw, surface, (exchange) => answerEmbeddings(core, models, exchange)),
  );
  app.get('/api/tags', () => json(tagsOf(core, models.values())));
  app.get('/api/ps', () => json(loadedOf(core)));
  app.get('/api/version', () => json({ version: settings.version, simulated: true }));
  app.get('/api/status', () => json({ cloud: { disabled: false, source: 'none' } }));
  app.get('/', () => text(200, 'Ollama is running'));
  app.post('/api/show', async (context) => {
    const body = await readJson(context.req.raw);
    const name = asString(body.model) ?? asString(body.name) ?? '';
    if (name === '') return respond(ollamaError(400, 'model is required'));
    const listed = models.get(ollamaName(name));
    return listed === undefined
      ? respond(ollamaError(404, `model '${name}' not found`))
      : json(describeModel(listed));
  });
  app.post('/api/me', () =>
    Response.json({ error: 'unauthorized', signin_url: 'https://ollama.com/connect' }, { status: 401 }),
  );
  for (const path of [
    '/api/chat',
    '/api/generate',
    '/api/embed',
    '/api/embeddings',
    '/api/show',
    '/api/tags',
  ]) {
    app.all(path, () => text(405, '405 method not allowed'));
  }
  app.notFound(() => text(404, '404 page not found'));
  return app;
};
