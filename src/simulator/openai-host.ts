/** The OpenAI-compatible servers as hosts: llama.cpp and vLLM with their one model, LM Studio with several. */

import { Hono } from 'hono';
import { asNumber, asString, type JsonObject } from '../spec/json.ts';
import { createCancellation } from './cancellation.ts';
import type { SimulatedModel } from './catalogue.ts';
import { EngineFailure } from './engine-failure.ts';
import type { Exchange } from './exchange.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { Server } from './host-settings.ts';
import { listModels } from './ollama-models.ts';
import { answerOpenAi } from './openai-answer.ts';
import { answerOpenAiEmbeddings } from './openai-embed.ts';
import {
  llamaCppFlavour,
  lmStudioFlavour,
  type OpenAiFlavour,
  openAiCloudFlavour,
  openAiSurface,
  vllmFlavour,
} from './openai-flavour.ts';
import { listOpenAiModels, mountLlamaCpp, mountLmStudio, mountVllm } from './openai-listing.ts';
import { mountRaw } from './openai-raw.ts';
import { type OpenAiOperation, type OpenAiTarget, readOpenAiRequest } from './openai-request.ts';
import type { RunnerSpec } from './placement.ts';

const flavours: Readonly<Record<Server, OpenAiFlavour>> = {
  openai: openAiCloudFlavour,
  'llama.cpp': llamaCppFlavour,
  vllm: vllmFlavour,
  'lm-studio': lmStudioFlavour,
};

/** A runner for a model as these servers make it; they never split one, and fix its context at load. */
export const openAiSpec = (
  core: HostCore,
  listed: ListedModel,
  mode: 'completion' | 'embedding',
  contextTokens: number,
): RunnerSpec => ({
  key: `${listed.model.digest} ${mode}`,
  name: listed.name,
  model: listed.model,
  contextTokens: Math.min(contextTokens, listed.model.contextTokens),
  parallel: core.settings.slots,
  loadOptions: '',
});

const modeOf = (model: SimulatedModel): 'completion' | 'embedding' =>
  model.capabilities.includes('completion') ? 'completion' : 'embedding';

/** Which model a request is for; llama.cpp has one and does not read the name. */
const chooseModel = (
  preset: Server,
  models: ReadonlyMap<string, ListedModel>,
  name: string,
): ListedModel | undefined => {
  const first = [...models.values()][0];
  if (preset === 'llama.cpp') return first;
  return models.get(name) ?? (preset === 'lm-studio' && name === '' ? first : undefined);
};

/** LM Studio's `ttl` in seconds, counted from the last request. */
const keepAliveOf = (preset: Server, body: JsonObject): number | undefined => {
  const ttl = preset === 'lm-studio' ? asNumber(body.ttl) : undefined;
  return ttl === undefined ? undefined : ttl * 1000;
};

/** llama.cpp and vLLM bring their model in when they start, and the former answers 503 until it is there. */
const startWithModel = (core: HostCore, spec: RunnerSpec): void => {
  const { scheduler } = core.engine;
  const load = (): void => {
    core.engine.load(spec, Infinity, createCancellation()).catch((problem: unknown) => {
      // A server that cannot load its model ends; one that was ended while it loaded has its own time to come back.
      if (!(problem instanceof EngineFailure) || problem.kind !== 'crashed') core.goDown(Infinity);
    });
  };
  if (core.settings.cold) load();
  else scheduler.preload(spec);
  core.onRestart(load);
};

/** Mounts the routes of the preset over a core. */
export const createOpenAiApp = (core: HostCore): Hono => {
  const { preset } = core.settings;
  const flavour = flavours[preset];
  const surface = openAiSurface(flavour);
  const all = listModels(core.settings.models, (name) => name);
  const hasAll = preset === 'lm-studio' || preset === 'openai';
  const models = hasAll ? all : new Map([...all].slice(0, 1));
  const specOf = (listed: ListedModel): RunnerSpec =>
    openAiSpec(core, listed, modeOf(listed.model), core.settings.contextTokens);
  const first = [...models.values()][0];
  if (!hasAll && first !== undefined) startWithModel(core, specOf(first));
  for (const name of core.settings.preload) {
    const listed = hasAll ? models.get(name) : undefined;
    if (listed !== undefined) core.engine.scheduler.preload(specOf(listed));
  }

  const loading = (): boolean => !hasAll && core.engine.scheduler.loaded().length === 0;

  const withTarget = (exchange: Exchange, run: (target: OpenAiTarget) => void): void => {
    const name = asString(exchange.body.model) ?? '';
    const listed = chooseModel(preset, models, name);
    if (listed === undefined) exchange.refuse(flavour.unknownModel(name));
    else if (loading()) exchange.fail(new EngineFailure('unavailable'));
    else run({ listed, spec: specOf(listed), keepAliveMs: keepAliveOf(preset, exchange.body) });
  };

  const answer = (operation: OpenAiOperation) => (request: Request) =>
    core.exchange(request, surface, (exchange) =>
      withTarget(exchange, (target) => {
        const read = readOpenAiRequest(core, flavour, exchange.body, operation, target);
        if ('refusal' in read) exchange.refuse(read.refusal);
        else answerOpenAi(core, exchange, flavour, read.ask);
      }),
    );
  const chat = answer('chat');
  const complete = answer('complete');

  const app = new Hono();
  for (const prefix of preset === 'lm-studio' ? ['/v1', '/api/v0'] : ['/v1']) {
    app.post(`${prefix}/chat/completions`, (context) => chat(context.req.raw));
    app.post(`${prefix}/completions`, (context) => complete(context.req.raw));
    app.post(`${prefix}/embeddings`, (context) =>
      core.exchange(context.req.raw, surface, (exchange) =>
        withTarget(exchange, (target) => answerOpenAiEmbeddings(core, exchange, flavour, target)),
      ),
    );
  }
  const has = (name: string): boolean => chooseModel(preset, models, name) !== undefined;
  mountRaw(app, { core, flavour, has });
  const listing = { core, models, loading };
  if (preset === 'openai')
    app.get('/v1/models', () => listOpenAiModels(models.values(), 'openai', () => ({})));
  else if (preset === 'llama.cpp') mountLlamaCpp(app, listing);
  else if (preset === 'vllm') mountVllm(app, listing);
  else mountLmStudio(app, listing);
  return app;
};
