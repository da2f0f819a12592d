/** Docker Model Runner, through its OpenAI paths. Imports spec, wire and this folder. */

import { asArray, asBoolean, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Backend, BackendKind } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { count } from './parts/count.ts';
import { spellings, without } from './parts/model-names.ts';
import { openAiCards } from './parts/openai-listing.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

const hubHosts = ['docker.io/', 'index.docker.io/', 'registry-1.docker.io/'];

/** Docker Hub is assumed, and on it the namespace `ai`. */
const shorten = (name: string): readonly string[] => {
  const local = without(name, hubHosts) ?? name;
  return [local, without(local, ['ai/']) ?? local];
};

const namesOf = (listed: string): readonly string[] => spellings(listed, shorten);

const units: Readonly<Record<string, number>> = {
  b: 1,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `256.35 MiB`: the only size it gives. */
const sizeBytes = (text: string | undefined): number | undefined => {
  const [, digits, unit] = /^([\d.]+) ?([KMGT]?i?B)$/i.exec(text ?? '') ?? [];
  const factor = units[unit?.toLowerCase() ?? ''];
  return digits === undefined || factor === undefined
    ? undefined
    : count(Math.round(Number(digits) * factor));
};

const described = (entry: JsonObject): Partial<ModelCard> => {
  const facts = asObject(entry.dmr);
  return {
    family: asString(facts?.architecture),
    parameterSize: asString(facts?.parameters),
    quantization: asString(facts?.quantization),
    sizeBytes: sizeBytes(asString(facts?.size)),
    contextTokens: count(facts?.context_window),
  };
};

/** The names of the runners that are up; one that still loads serves nobody yet. */
const loadedNames = (runners: Json | undefined): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const runner of asArray(runners) ?? []) {
    const facts = asObject(runner);
    const name = asString(facts?.model_name);
    if (name !== undefined && asBoolean(facts?.loading) !== true)
      for (const each of namesOf(name)) names.add(each);
  }
  return names;
};

/** An address as Docker hands it out ends in `/engines/v1`, or names one of its engines. */
const addressParts = (url: string): { readonly base: string; readonly engines: string } => {
  const [, base = '', engines = '/engines'] =
    /^(.*?)(\/engines(?:\/(?!v1\/*$)[^/]+)?)?(?:\/v1)?\/*$/.exec(url) ?? [];
  return { base: base.replace(/\/+$/, ''), engines };
};

/**
 * Its Ollama paths are not spoken: they lose counts, durations and mid-stream errors.
 * Four slots are llama.cpp's own, which serves most of its models.
 */
export const dockerModelRunner: BackendKind = {
  kind: 'docker-model-runner',
  lane: 'container',
  slots: 4,
  create: (options): Backend => {
    const { base, engines } = addressParts(options.url);
    const headers = requestHeaders(options, 'application/json, text/event-stream');
    return {
      options,
      headers,
      speaks: [{ protocol: 'openai-chat', prefix: engines }],
      url: (_protocol, path) => `${base}${engines}${path}`,
      names: namesOf,
      residency: (want, model) =>
        want === 'load'
          ? {
              url: `${base}${engines}/v1/chat/completions`,
              headers: { ...headers, 'x-preload-only': 'true' },
              body: { model, messages: [] },
            }
          : { url: `${base}/engines/unload`, headers, body: { models: [model] } },
      probe: async (fetch, signal) => {
        const ask = createAsk(fetch, base, headers, signal);
        const [listing, runners, about] = await Promise.all([
          ask.json(`${engines}/v1/models`),
          ask.optional('/engines/ps'),
          ask.optional('/version'),
        ]);
        const loaded = loadedNames(runners);
        const models = openAiCards(listing, described);
        return {
          version: asString(asObject(about)?.version),
          models: models.map((card) =>
            namesOf(card.name).some((name) => loaded.has(name)) ? { ...card, loaded: {} } : card,
          ),
          tellsLoaded: runners !== undefined,
          simulated: asBoolean(asObject(listing)?.simulated),
        };
      },
      alive: async (fetch, signal) => {
        const ask = createAsk(fetch, base, headers, signal);
        if (asObject(await ask.optional('/engines/status')) !== undefined) return;
        const { status } = await ask.reply('/');
        if (status !== 200) throw new UnexpectedReply(`answered ${status}`);
      },
    };
  },
};
