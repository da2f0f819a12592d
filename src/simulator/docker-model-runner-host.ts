/** Docker Model Runner: a manager of llama.cpp processes, whose own errors are plain text. */

import { type Context, Hono } from 'hono';
import { asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { formatByteSize, mib } from './byte-size.ts';
import { EngineFailure } from './engine-failure.ts';
import { type Exchange, type Refusal, respond, type Surface } from './exchange.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import { listModels, stampOf } from './ollama-models.ts';
import { answerOpenAi } from './openai-answer.ts';
import { answerOpenAiEmbeddings } from './openai-embed.ts';
import { llamaCppFlavour, openAiSurface } from './openai-flavour.ts';
import { openAiSpec } from './openai-host.ts';
import { listOpenAiModels } from './openai-listing.ts';
import { type OpenAiOperation, type OpenAiTarget, readOpenAiRequest } from './openai-request.ts';

/** `smollm2` is `ai/smollm2:latest`; the name is lower-cased, its tag is not. */
export const dockerName = (name: string): string => {
  const full = name.trim().replace(/^hf\.co\//, 'huggingface.co/');
  const [, path = full, tag = 'latest'] = /^(.*?)(?::([^/:]+))?$/.exec(full) ?? [];
  return `${path.includes('/') ? '' : 'ai/'}${path.toLowerCase()}:${tag}`;
};

const plain = (status: number, message: string): Refusal => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${message}\n`,
});

const refuse = (failure: EngineFailure): Refusal => {
  switch (failure.kind) {
    case 'out-of-memory': {
      const { neededBytes = 0 } = failure.facts;
      const cause =
        'unable to load runner: error waiting for runner to be ready: llama.cpp terminated unexpectedly: ' +
        'llama.cpp failed: not enough GPU memory to load the model (CUDA)';
      const detail = `alloc_tensor_range: failed to allocate CUDA0 buffer of size ${neededBytes}`;
      return plain(500, `${cause}\n\nVerbose output:\n${detail}`);
    }
    case 'out-of-memory-later':
    case 'crashed':
      return {
        status: 500,
        contentType: 'text/plain; charset=utf-8',
        body: JSON.stringify({
          type: 'error',
          code: null,
          message: `llama.cpp terminated unexpectedly: llama.cpp failed: ${failure.kind === 'crashed' ? 'exit status 1' : 'CUDA error: out of memory'}`,
          param: null,
          sequence_number: 1,
        }),
      };
    case 'busy':
    case 'unavailable':
      return plain(503, 'service unavailable');
    case 'rate-limited':
      return llamaCppFlavour.refuse(failure, '');
    default:
      return plain(500, 'model unavailable');
  }
};

const surface: Surface = {
  ...openAiSurface(llamaCppFlavour),
  maxBodyBytes: 10 * mib,
  fatal: new Set(),
  refuse,
  unknownModel: () => plain(404, 'model not found'),
  badBody: (problem) => plain(400, problem === 'too-large' ? 'request too large' : 'invalid request'),
};

const backend = 'llama.cpp';

const describe = ({ name, model }: ListedModel): JsonObject => ({
  id: `sha256:${model.digest}`,
  tags: [name],
  created: 1_767_268_800,
  config: {
    format: 'gguf',
    quantization: model.quantization,
    parameters: model.parameterSize,
    architecture: model.family,
    size: formatByteSize(model.sizeBytes),
  },
  simulated: true,
});

const goDuration = (durationMs: number): string => {
  if (durationMs === Infinity) return '-1';
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};

const readJson = async (request: Request): Promise<JsonObject> =>
  asObject((await request.json().catch(() => null)) as Json) ?? {};

/** Mounts the routes over a core: `/v1/…` is short for `/engines/v1/…`, and a backend may stand in between. */
export const createDockerModelRunnerApp = (core: HostCore): Hono => {
  const { scheduler } = core.engine;
  const models = listModels(core.settings.models, dockerName);
  const contexts = new Map<string, number>();

  const targetOf = (listed: ListedModel, mode: 'completion' | 'embedding'): OpenAiTarget => ({
    listed,
    spec: openAiSpec(core, listed, mode, contexts.get(listed.name) ?? core.settings.contextTokens),
    keepAliveMs: undefined,
  });
  for (const name of core.settings.preload) {
    const listed = models.get(dockerName(name));
    if (listed !== undefined) scheduler.preload(targetOf(listed, 'completion').spec);
  }

  const preloadOnly = async (exchange: Exchange, target: OpenAiTarget): Promise<void> => {
    try {
      await core.engine.load(target.spec, undefined, exchange.reply.cancellation);
      exchange.reply.whole(200, 'text/plain; charset=utf-8', '');
    } catch (problem) {
      exchange.fail(problem instanceof EngineFailure ? problem : new EngineFailure('internal'));
    }
  };

  const answer =
    (mode: 'completion' | 'embedding', run: (exchange: Exchange, target: OpenAiTarget) => void) =>
    (context: Context): Promise<Response> | Response => {
      const named = context.req.param('backend');
      if (named !== undefined && named !== backend) return respond(plain(404, 'backend not found'));
      const request = context.req.raw;
      return core.exchange(request, surface, (exchange) => {
        const name = asString(exchange.body.model) ?? '';
        if (name === '') return exchange.refuse(plain(400, 'model is required'));
        const listed = models.get(dockerName(name));
        if (listed === undefined) return exchange.refuse(surface.unknownModel(name));
        const target = targetOf(listed, mode);
        if (request.headers.get('x-preload-only') === 'true') void preloadOnly(exchange, target);
        else run(exchange, target);
      });
    };

  const generate = (operation: OpenAiOperation) =>
    answer('completion', (exchange, target) => {
      const read = readOpenAiRequest(core, llamaCppFlavour, exchange.body, operation, target);
      if ('refusal' in read) exchange.refuse(read.refusal);
      else answerOpenAi(core, exchange, llamaCppFlavour, read.ask);
    });
  const embed = answer('embedding', (exchange, target) =>
    answerOpenAiEmbeddings(core, exchange, llamaCppFlavour, target),
  );

  const app = new Hono();
  // Its own list of local origins is compared letter by letter and so never matches one with a port.
  app.use((context, next) =>
    context.req.raw.headers.has('origin')
      ? Promise.resolve(respond(plain(403, 'Origin not allowed')))
      : next(),
  );
  const list = (): Response =>
    listOpenAiModels(models.values(), 'docker', ({ model }) => ({
      dmr: {
        context_window: model.contextTokens,
        architecture: model.family,
        parameters: model.parameterSize,
        quantization: model.quantization,
        size: formatByteSize(model.sizeBytes),
      },
    }));
  for (const prefix of ['/v1', '/engines/v1', '/engines/:backend/v1']) {
    app.post(`${prefix}/chat/completions`, generate('chat'));
    app.post(`${prefix}/completions`, generate('complete'));
    app.post(`${prefix}/embeddings`, embed);
    app.get(`${prefix}/models`, list);
  }
  app.get('/', () => respond({ ...plain(200, ''), body: 'Docker Model Runner is running' }));
  app.get('/version', () => Response.json({ version: core.settings.version, simulated: true }));
  app.get('/api/version', () => Response.json({ version: '0.1.0', simulated: true }));
  app.get('/models', () => Response.json([...models.values()].map(describe)));
  app.get('/models/:name{.+}', (context) => {
    const listed = models.get(dockerName(context.req.param('name')));
    return listed === undefined ? respond(plain(404, 'model not found')) : Response.json(describe(listed));
  });
  app.get('/engines/status', () =>
    Response.json({ [backend]: `Running: llama.cpp latest (simulated)`, vllm: 'Not Installed' }),
  );
  app.get('/engines/ps', () =>
    Response.json(
      scheduler.loaded().map((runner) => ({
        backend_name: backend,
        model_name: runner.spec.name,
        mode: runner.spec.key.endsWith('embedding') ? 'embedding' : 'completion',
        last_used:
          runner.references > 0
            ? '0001-01-01T00:00:00Z'
            : stampOf(core.clock.wallMs() - (core.clock.now() - runner.lastUsedMs)),
        ...(runner.references > 0 ? { in_use: true } : {}),
        keep_alive: goDuration(runner.keepAliveMs),
        simulated: true,
      })),
    ),
  );
  app.post('/engines/unload', async (context) => {
    const body = await readJson(context.req.raw);
    const names = Array.isArray(body.models) ? body.models.map((name) => dockerName(String(name))) : [];
    const chosen = scheduler
      .loaded()
      .filter((runner) => runner.references === 0 && (body.all === true || names.includes(runner.spec.name)));
    for (const runner of chosen) scheduler.retire(runner.spec.key);
    return Response.json({ unloaded_runners: chosen.length });
  });
  app.post('/engines/_configure', async (context) => {
    const body = await readJson(context.req.raw);
    const listed = models.get(dockerName(asString(body.model) ?? ''));
    if (listed === undefined) return respond(plain(404, 'model not found'));
    const active = scheduler
      .loaded()
      .some((runner) => runner.spec.name === listed.name && runner.references > 0);
    if (active) return respond(plain(409, 'runner already active'));
    const size = asNumber(body['context-size']);
    if (size !== undefined) contexts.set(listed.name, size);
    return new Response(null, { status: 202 });
  });
  app.notFound(() => respond(plain(404, 'not found')));
  return app;
};
