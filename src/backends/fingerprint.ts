/** Finds out what kind of engine answers at an address; a port proves nothing. Imports spec, wire and this folder. */

import { asArray, asBoolean, asNumber, asObject, asString, type Json } from '../spec/json.ts';
import type { Fetch } from '../spec/ports.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { listingEntries } from './parts/openai-listing.ts';
import { upstreamMessage } from './upstream-message.ts';

export interface Fingerprint {
  readonly kind: string;
  readonly preset?: string;
  readonly version?: string;
  readonly simulated?: boolean;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Absent where the body is none. */
  readonly json: Json | undefined;
}

/** Asks one path; an answer of any status is one, a lost connection is not. */
type Look = (path: string) => Promise<Answer | undefined>;

type Test = (look: Look) => Promise<Fingerprint | undefined>;

const headers = { accept: 'application/json', 'accept-encoding': 'identity' };

const looker = (fetch: Fetch, base: string, signal: AbortSignal): Look => {
  const ask = createAsk(fetch, base, headers, signal);
  const seen = new Map<string, Promise<Answer | undefined>>();
  const look = async (path: string): Promise<Answer | undefined> => {
    const reply = await ask.reply(path).catch(() => undefined);
    if (reply === undefined) return undefined;
    const text = upstreamMessage(reply.bytes);
    return { status: reply.status, text, json: tryParseJson(decodeUtf8(reply.bytes)) };
  };
  return (path) => {
    const known = seen.get(path) ?? look(path);
    seen.set(path, known);
    return known;
  };
};

/** First of all, because it answers as everything else does: nobody must route to themselves. */
const pointsman: Test = async (look) => {
  const facts = asObject((await look('/health'))?.json);
  if (facts?.service !== 'pointsman') return undefined;
  return { kind: 'peer', version: asString(facts.version), simulated: asBoolean(facts.simulated) };
};

const engines = ['llama.cpp', 'vllm', 'sglang', 'mlx', 'diffusers'];

/** Before Ollama, since it answers Ollama's paths too. */
const dockerModelRunner: Test = async (look) => {
  const status = asObject((await look('/engines/status'))?.json);
  const running = engines.some((engine) => asString(status?.[engine]) !== undefined);
  const root = running ? undefined : await look('/');
  if (!running && root?.text !== 'Docker Model Runner is running') return undefined;
  return {
    kind: 'docker-model-runner',
    version: asString(asObject((await look('/version'))?.json)?.version),
    simulated: asBoolean(status?.simulated),
  };
};

const ollama: Test = async (look) => {
  const facts = asObject((await look('/api/version'))?.json);
  const version = asString(facts?.version);
  if (version === undefined) return undefined;
  const listed = asArray(asObject((await look('/api/tags'))?.json)?.models) !== undefined;
  return listed ? { kind: 'ollama', version, simulated: asBoolean(facts?.simulated) } : undefined;
};

const compatible = (preset: string, body: Json | undefined, version?: string): Fingerprint => ({
  kind: 'openai-compatible',
  preset,
  version,
  simulated: asBoolean(asObject(body)?.simulated),
});

/** It answers 200 to any path, so only the shape of its own listing counts. */
const lmStudio: Test = async (look) => {
  const body = (await look('/api/v0/models'))?.json;
  const entries = listingEntries(body);
  const own = entries?.every(({ state }) => typeof state === 'string');
  return own === true ? compatible('lm-studio', body) : undefined;
};

const llamaCpp: Test = async (look) => {
  const loading = await look('/health');
  if (loading?.status === 503 && /loading model/i.test(loading.text))
    return compatible('llama.cpp', undefined);
  const body = (await look('/v1/models'))?.json;
  const props = asObject((await look('/props'))?.json);
  const own =
    asNumber(props?.total_slots) !== undefined ||
    asObject(props?.default_generation_settings) !== undefined ||
    listingEntries(body)?.some((entry) => entry.owned_by === 'llamacpp') === true;
  return own ? compatible('llama.cpp', body, asString(props?.build_info)) : undefined;
};

const vllm: Test = async (look) => {
  const body = (await look('/v1/models'))?.json;
  if (listingEntries(body)?.some((entry) => entry.owned_by === 'vllm') !== true) return undefined;
  return compatible('vllm', body, asString(asObject((await look('/version'))?.json)?.version));
};

const generic: Test = async (look) => {
  const body = (await look('/v1/models'))?.json;
  return listingEntries(body) === undefined ? undefined : compatible('generic', body);
};

const tests: readonly Test[] = [pointsman, dockerModelRunner, ollama, lmStudio, llamaCpp, vllm, generic];

/**
 * Asks a few harmless questions, one after another, and stops at the first certain answer;
 * undefined where nothing answers or nothing is recognised.
 */
export const fingerprint = async (
  url: string,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Fingerprint | undefined> => {
  const base = baseUrl(url, /(?:\/engines(?:\/[^/]+)?)?\/v1$|\/engines$|\/api$/);
  const look = looker(fetch, base, signal);
  // A closed port is the common case of a scan: one question is enough for it.
  if ((await look('/health')) === undefined) return undefined;
  for (const test of tests) {
    const found = await test(look);
    if (found !== undefined) return found;
  }
  return undefined;
};
