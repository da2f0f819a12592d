/** Google's Gemini API, spoken to in its own dialect. Imports spec and this folder. */

import { asArray, asBoolean, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Capability } from '../spec/vocabulary.ts';
import type { Backend, BackendKind } from './backend.ts';
import { type Ask, createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { count } from './parts/count.ts';
import { inHeader } from './parts/key-carrier.ts';
import { spellings } from './parts/model-names.ts';
import { listedOrDeclared, providerLookMs, providerSlots } from './parts/provider.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';
import { upstreamMessage } from './upstream-message.ts';

const prefix = 'models/';

/** What Google's listing does not say, by the family a name belongs to, the narrower first; others only write text. */
const families: readonly (readonly [pattern: RegExp, capabilities: readonly Capability[]])[] = [
  [/-(?:tts|native-audio|live)\b/, []],
  [/^gemini-.*image/, ['vision']],
  [/^gemini-/, ['tools', 'vision', 'audio']],
  [/^gemma-3/, ['vision']],
];

const capabilitiesOf = (name: string, entry: JsonObject): readonly Capability[] | undefined => {
  const actions = asArray(entry.supportedGenerationMethods);
  if (actions === undefined) return undefined;
  const capabilities: Capability[] = [];
  if (actions.includes('generateContent')) {
    const [, more = []] = families.find(([pattern]) => pattern.test(name)) ?? [];
    capabilities.push('completion', ...more);
    if (entry.thinking === true) capabilities.push('thinking');
  }
  if (actions.includes('embedContent') || actions.includes('batchEmbedContents'))
    capabilities.push('embedding');
  return capabilities;
};

const cardOf = (entry: JsonObject): ModelCard | undefined => {
  const listed = asString(entry.name);
  if (listed === undefined || listed === '') return undefined;
  const name = listed.startsWith(prefix) ? listed.slice(prefix.length) : listed;
  return {
    name,
    ownedBy: 'google',
    contextTokens: count(entry.inputTokenLimit),
    capabilities: capabilitiesOf(name, entry),
    raw: entry,
  };
};

/** Far beyond what Google lists; a listing that never ends must not keep a probe busy. */
const maxPages = 20;

const listing = async (
  ask: Ask,
): Promise<{ readonly models: readonly ModelCard[]; readonly first: Json }> => {
  const models: ModelCard[] = [];
  let first: Json = null;
  let token = '';
  for (let page = 0; page < maxPages; page += 1) {
    const next = token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`;
    const body = await ask.json(`/v1beta/models?pageSize=1000${next}`);
    if (page === 0) first = body;
    const entries = asArray(asObject(body)?.models);
    if (entries === undefined) throw new UnexpectedReply('answered without a model list');
    for (const entry of entries) {
      const card = cardOf(asObject(entry) ?? {});
      if (card !== undefined) models.push(card);
    }
    token = asString(asObject(body)?.nextPageToken) ?? '';
    if (token === '') break;
  }
  return { models, first };
};

/** A refused key shows where a request is refused, and Google answers one as a wrong request. */
const isAlive = (status: number, message: string): boolean =>
  [200, 401, 403, 429].includes(status) || (status === 400 && /api key/i.test(message));

/** Its listing says how much a model can read; what it can make of that is told by its family. */
export const gemini: BackendKind = {
  kind: 'gemini',
  lane: 'cloud',
  slots: providerSlots,
  url: 'https://generativelanguage.googleapis.com',
  lookEveryMs: providerLookMs,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/v1(?:beta)?(?:\/openai)?$/);
    const headers = requestHeaders(
      options,
      'application/json, text/event-stream',
      inHeader('x-goog-api-key'),
    );
    return {
      options,
      headers,
      speaks: [{ protocol: 'gemini', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => spellings(listed, (name) => [`${prefix}${name}`]),
      probe: async (fetch, signal) => {
        let simulated: boolean | undefined;
        const list = async (): Promise<readonly ModelCard[]> => {
          const { models, first } = await listing(createAsk(fetch, base, headers, signal));
          simulated = asBoolean(asObject(first)?.simulated);
          return models;
        };
        return { models: await listedOrDeclared(list, options), simulated };
      },
      alive: async (fetch, signal) => {
        const { status, bytes } = await createAsk(fetch, base, headers, signal).reply(
          '/v1beta/models?pageSize=1',
        );
        if (!isAlive(status, upstreamMessage(bytes))) throw new UnexpectedReply(`answered ${status}`);
      },
    };
  },
};
