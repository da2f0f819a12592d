/** What the OpenAI-compatible servers say of themselves, each on paths of its own. */

import type { Hono } from 'hono';
import type { JsonObject } from '../spec/json.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import { llamaCppFlavour } from './openai-flavour.ts';

/** What there is to be listed. */
export interface Listing {
  readonly core: HostCore;
  readonly models: ReadonlyMap<string, ListedModel>;
  /** Whether the one model of the server is not in memory yet. */
  readonly loading: () => boolean;
}

/** When every simulated model was made, in Unix seconds. */
const createdUnix = 1_767_268_800;

const text = (body: string, status = 200): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

/** `GET /v1/models` with what each server adds to an entry. */
export const listOpenAiModels = (
  models: Iterable<ListedModel>,
  ownedBy: string,
  extra: (model: ListedModel) => JsonObject,
): Response =>
  Response.json({
    object: 'list',
    data: [...models].map((listed) => ({
      id: listed.name,
      object: 'model',
      created: createdUnix,
      owned_by: ownedBy,
      ...extra(listed),
      simulated: true,
    })),
  });

const llamaMeta = ({ model }: ListedModel): JsonObject => ({
  meta: {
    vocab_type: 2,
    n_vocab: 128_256,
    n_ctx_train: model.contextTokens,
    n_embd: model.embeddingLength,
    n_params: model.parameters,
    size: model.sizeBytes,
  },
});

const contextOf = ({ core, models }: Listing): number => {
  const first = [...models.values()][0];
  return Math.min(core.settings.contextTokens, first?.model.contextTokens ?? Infinity);
};

/** llama.cpp: health that knows of loading, properties, and what each slot does. */
export const mountLlamaCpp = (app: Hono, listing: Listing): void => {
  const { core, models, loading } = listing;
  const { settings, engine } = core;
  const llamaError = (status: number, kind: string, message: string): Response => {
    const refusal = llamaCppFlavour.error(status, kind, message);
    return new Response(refusal.body, { status, headers: { 'content-type': refusal.contentType } });
  };
  const whenLoaded = (answer: () => Response) => (): Response =>
    loading() ? llamaError(503, 'unavailable_error', 'Loading model') : answer();

  const health = whenLoaded(() => Response.json({ status: 'ok' }));
  app.get('/health', health);
  app.get('/v1/health', health);
  const list = (): Response => listOpenAiModels(models.values(), 'llamacpp', llamaMeta);
  app.get('/v1/models', list);
  app.get('/models', list);
  app.get(
    '/props',
    whenLoaded(() => {
      const first = [...models.values()][0];
      return Response.json({
        default_generation_settings: { n_ctx: contextOf(listing) },
        total_slots: settings.slots,
        model_path: first?.name ?? '',
        chat_template: '{{ messages }}',
        modalities: { vision: first?.model.capabilities.includes('vision') ?? false, audio: false },
        build_info: settings.version,
        is_sleeping: false,
        simulated: true,
      });
    }),
  );
  app.get('/slots', (context) => {
    if (loading()) return llamaError(503, 'unavailable_error', 'Loading model');
    const slots = engine.scheduler.loaded().flatMap((runner) => runner.pool.slots);
    if (context.req.query('fail_on_no_slot') === '1' && slots.every((slot) => slot.busy)) {
      return llamaError(503, 'unavailable_error', 'no slot available');
    }
    return Response.json(
      slots.map((slot) => ({
        id: slot.index,
        id_task: slot.busy ? slot.index : -1,
        n_ctx: contextOf(listing),
        is_processing: slot.busy,
      })),
    );
  });
  app.get('/metrics', () =>
    llamaError(501, 'not_supported_error', 'This server does not support metrics endpoint.'),
  );
  app.notFound(() => llamaError(404, 'not_found_error', 'File Not Found'));
};

/** vLLM: a version, an empty health, and gauges that are always on. */
export const mountVllm = (app: Hono, listing: Listing): void => {
  const { core, models } = listing;
  app.get('/health', () => new Response(null, { status: listing.loading() ? 503 : 200 }));
  app.get('/version', () => Response.json({ version: core.settings.version, simulated: true }));
  app.get('/v1/models', () =>
    listOpenAiModels(models.values(), 'vllm', ({ name }) => ({
      root: name,
      parent: null,
      max_model_len: contextOf(listing),
      permission: [],
    })),
  );
  app.get('/metrics', () => {
    const model = [...models.keys()][0] ?? '';
    const gauge = (name: string, value: number): string =>
      `# TYPE vllm:${name} gauge\nvllm:${name}{model_name="${model}",engine="0"} ${value}\n`;
    return text(
      gauge('num_requests_running', core.engine.counts.active) +
        gauge('num_requests_waiting', core.engine.queued()),
    );
  });
  app.notFound(() => Response.json({ detail: 'Not Found' }, { status: 404 }));
};

const studioType = ({ model }: ListedModel): string => {
  if (!model.capabilities.includes('completion')) return 'embeddings';
  return model.capabilities.includes('vision') ? 'vlm' : 'llm';
};

/** LM Studio: its own list, which says what is loaded; what it does not know it answers with 200 and an error. */
export const mountLmStudio = (app: Hono, { core, models }: Listing): void => {
  app.get('/v1/models', () => listOpenAiModels(models.values(), 'organization_owner', () => ({})));
  app.get('/api/v0/models', () => {
    const loaded = new Set(core.engine.scheduler.loaded().map((runner) => runner.spec.name));
    return Response.json({
      object: 'list',
      data: [...models.values()].map((listed) => ({
        id: listed.name,
        object: 'model',
        type: studioType(listed),
        publisher: 'simulated',
        arch: listed.model.family,
        compatibility_type: 'gguf',
        quantization: listed.model.quantization,
        state: loaded.has(listed.name) ? 'loaded' : 'not-loaded',
        max_context_length: listed.model.contextTokens,
        simulated: true,
      })),
    });
  });
  app.notFound((context) =>
    Response.json({
      error: `Unexpected endpoint or method. (${context.req.method} ${context.req.path}). Returning 200 anyway`,
    }),
  );
};
