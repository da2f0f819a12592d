/** Anthropic's own API. Imports spec and this folder. */

import { asBoolean, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Capability } from '../spec/vocabulary.ts';
import type { Backend, BackendKind, ProbeResult } from './backend.ts';
import { type Ask, createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { count } from './parts/count.ts';
import { inHeader } from './parts/key-carrier.ts';
import { listingEntries } from './parts/openai-listing.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** The only version of the API there has been since 2023; a configured header may name another. */
const apiVersion = '2023-06-01';

/** The longest page there is; a listing of more pages than these is no listing of models. */
const pageSize = 1000;
const maxPages = 20;

/** What its models have been able to do, newest first, by the beginning of their names; the listing may say more. */
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

const probe = async (ask: Ask): Promise<ProbeResult> => {
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
  return { models, ...(simulated ? { simulated } : {}) };
};

/** A server that refuses the key or asks for patience is alive; the refusal shows where a request is refused. */
const isAlive = (status: number): boolean => status === 200 || status === 401 || status === 429;

const alive = async (ask: Ask): Promise<void> => {
  const { status } = await ask.reply('/v1/models?limit=1');
  if (!isAlive(status)) throw new UnexpectedReply(`answered ${status}`);
};

/** A provider counts requests in minutes, not in slots: enough of them to keep a few people waiting for none. */
export const anthropic: BackendKind = {
  kind: 'anthropic',
  lane: 'cloud',
  slots: 16,
  url: 'https://api.anthropic.com',
  lookEveryMs: 300_000,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/v1(?:\/messages)?$/);
    const headers = requestHeaders(
      { ...options, headers: { 'anthropic-version': apiVersion, ...lowered(options.headers) } },
      'application/json, text/event-stream',
      inHeader('x-api-key'),
    );
    return {
      options,
      headers,
      speaks: [{ protocol: 'anthropic', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => aliases(listed.toLowerCase()),
      probe: (fetch, signal) => probe(createAsk(fetch, base, headers, signal)),
      alive: (fetch, signal) => alive(createAsk(fetch, base, headers, signal)),
    };
  },
};

const lowered = (headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A dated name also answers without its date, as people write it. */
const aliases = (name: string): readonly string[] => {
  const undated = name.replace(/-20\d{6}$/, '');
  return undated === name ? [name] : [name, undated];
};
