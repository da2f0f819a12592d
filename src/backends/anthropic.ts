/** Anthropic's own API. Imports spec and this folder. */

import { asBoolean, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions } from '../spec/settings.ts';
import type { Capability } from '../spec/vocabulary.ts';
import type { Backend, BackendKind, ProbeResult } from './backend.ts';
import { type Ask, createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { count } from './parts/count.ts';
import { inHeader } from './parts/key-carrier.ts';
import { spellings } from './parts/model-names.ts';
import { listingEntries } from './parts/openai-listing.ts';
import { listedOrDeclared, providerAlive, providerLookMs, providerSlots } from './parts/provider.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** The only version of the API there has been since 2023; a configured header may name another. */
const apiVersion = '2023-06-01';

/** The longest page there is; a listing of more pages than these is no listing of models. */
const pageSize = 1000;
const maxPages = 20;

/** What its models have been able to do, by the beginning of their names; a newer listing says it itself. */
const table: readonly (readonly [prefix: RegExp, contextTokens: number, thinks: boolean])[] = [
  [/^claude-(?:instant|2|1)/, 100_000, false],
  [/^claude-3-7/, 200_000, true],
  [/^claude-3/, 200_000, false],
  [/^claude-/, 200_000, true],
];

const capabilitiesOf = (sees: boolean, thinks: boolean): readonly Capability[] => [
  'completion',
  'tools',
  ...(sees ? (['vision'] as const) : []),
  ...(thinks ? (['thinking'] as const) : []),
];

/** Whether a newer listing says so itself; undefined where it does not. */
const supports = (entry: JsonObject, capability: string): boolean | undefined =>
  asBoolean(asObject(asObject(entry.capabilities)?.[capability])?.supported);

const readCard = (entry: JsonObject): readonly ModelCard[] => {
  const name = asString(entry.id);
  if (name === undefined || name === '') return [];
  const [, contextTokens, thinks = false] = table.find(([prefix]) => prefix.test(name)) ?? [];
  const createdMs = Date.parse(asString(entry.created_at) ?? '');
  return [
    {
      name,
      ownedBy: 'anthropic',
      ...(createdMs >= 0 ? { createdUnix: Math.floor(createdMs / 1000) } : {}),
      contextTokens: count(entry.max_input_tokens) ?? contextTokens,
      capabilities: capabilitiesOf(
        supports(entry, 'image_input') ?? true,
        supports(entry, 'thinking') ?? thinks,
      ),
      raw: entry,
    },
  ];
};

const pagePath = (after: string | undefined): string =>
  `/v1/models?limit=${pageSize}${after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`}`;

const nextAfter = (page: Json): string | undefined => {
  const listing = asObject(page);
  return listing?.has_more === true ? asString(listing.last_id) : undefined;
};

const listed = async (ask: Ask): Promise<{ models: readonly ModelCard[]; simulated: boolean }> => {
  const models: ModelCard[] = [];
  let after: string | undefined;
  let simulated = false;
  for (let page = 0; page < maxPages; page += 1) {
    const listing = await ask.json(pagePath(after));
    const entries = listingEntries(listing);
    if (entries === undefined) throw new UnexpectedReply('answered without a model list');
    for (const entry of entries) models.push(...readCard(entry));
    simulated ||= asObject(listing)?.simulated === true;
    after = nextAfter(listing);
    if (after === undefined) break;
  }
  return { models, simulated };
};

const probe = async (ask: Ask, options: BackendOptions): Promise<ProbeResult> => {
  let simulated = false;
  const models = await listedOrDeclared(async () => {
    const found = await listed(ask);
    ({ simulated } = found);
    return found.models;
  }, options);
  return { models, ...(simulated ? { simulated } : {}) };
};

/** A dated name is also meant without its date, as people write it. */
const undated = (name: string): readonly string[] => {
  const short = name.replace(/-20\d{6}$/, '');
  return short === name ? [] : [short];
};

/** Its one address, its own header for keys, and a version in every request. */
export const anthropic: BackendKind = {
  kind: 'anthropic',
  lane: 'cloud',
  slots: providerSlots,
  url: 'https://api.anthropic.com',
  lookEveryMs: providerLookMs,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/v1(?:\/messages)?$/);
    const headers = {
      'anthropic-version': apiVersion,
      ...requestHeaders(options, 'application/json, text/event-stream', inHeader('x-api-key')),
    };
    return {
      options,
      headers,
      speaks: [{ protocol: 'anthropic', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (name) => spellings(name, undated),
      probe: (fetch, signal) => probe(createAsk(fetch, base, headers, signal), options),
      alive: (fetch, signal) => providerAlive(createAsk(fetch, base, headers, signal), '/v1/models?limit=1'),
    };
  },
};
