/**
 * What a client may say about a model's place in memory. Ollama loads a model anew whenever its load-time options
 * differ, so two clients with two context sizes would reload it at every turn. Pure. Imports spec.
 */

import { asNumber, asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { ContextSettings, KeepAliveSettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { parseGoDuration } from './go-duration.ts';

/** Sets a member of a JSON body, or deletes it where `value` is undefined. A path has one name or two. */
export interface ContextEdit {
  readonly path: readonly string[];
  readonly value: Json | undefined;
}

/** The rules for one model on one backend. */
export interface ContextPolicy {
  /** The context every load of the model has; undefined: as asked, in buckets. */
  readonly contextTokens: number | undefined;
  /** Ascending sizes a wish is rounded up to. */
  readonly contextBuckets: readonly number[];
  /** The stay in memory a client may ask for. */
  readonly minKeepAliveMs: Millis;
  readonly maxKeepAliveMs: Millis;
  /** Load-time options that clients may set here all the same. */
  readonly allowedOptions: ReadonlySet<string>;
}

/** The rules that configuration sets for a model, and for its stay on a backend; made once per pair. */
export const contextPolicyOf = (
  { tokens, buckets, allowedOptions }: ContextSettings,
  { minMs, maxMs }: KeepAliveSettings,
): ContextPolicy => ({
  contextTokens: tokens,
  contextBuckets: buckets,
  minKeepAliveMs: minMs ?? 0,
  maxKeepAliveMs: maxMs ?? Infinity,
  allowedOptions: new Set(allowedOptions),
});

/** A body in Ollama's native dialect, and the model as it is on the host that was chosen. */
export interface ContextFacts {
  readonly body: JsonObject;
  /** The longest context the model was trained for. */
  readonly modelContextTokens: number | undefined;
  /** The context it is in memory with; undefined when it is not. */
  readonly loadedContextTokens: number | undefined;
  /** The context the engine gives where none is named, if that is known. */
  readonly defaultContextTokens: number | undefined;
  /** An empty request that puts the model in or out of memory: its `keep_alive` is the point of it. */
  readonly residency: 'load' | 'unload' | undefined;
}

/** Doubling: at most twice the memory that was asked for, and few sizes to reload between. */
export const doublingBuckets: readonly number[] = [
  2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576,
];

/** Options that take effect when a model is loaded, of this Ollama and of earlier ones; `num_ctx` has rules of its own. */
const loadOptions: readonly string[] = [
  'draft_num_predict',
  'embedding_only',
  'f16_kv',
  'logits_all',
  'low_vram',
  'main_gpu',
  'num_batch',
  'num_gpu',
  'num_gqa',
  'num_thread',
  'numa',
  'rope_frequency_base',
  'rope_frequency_scale',
  'use_mlock',
  'use_mmap',
  'vocab_only',
];

/** Options that take part in how a model is loaded, in one order; what only steers the answer is left out. */
export const runnerOptions = (options: JsonObject): string =>
  JSON.stringify(
    ['num_ctx', ...loadOptions].flatMap((name) =>
      Object.hasOwn(options, name) ? [[name, options[name] ?? null]] : [],
    ),
  );

/** The engine finds a member whatever its case, so a rule that looked for one spelling would be no rule. */
const spellings = (body: JsonObject, name: string): readonly string[] =>
  Object.keys(body).filter((key) => key === name || key.toUpperCase().toLowerCase() === name);

const bucketOf = (tokens: number, { modelContextTokens }: ContextFacts, policy: ContextPolicy): number => {
  const bucket = policy.contextBuckets.find((size) => size >= tokens) ?? Math.ceil(tokens);
  return modelContextTokens === undefined ? bucket : Math.min(bucket, modelContextTokens);
};

/** Ollama's own default on hosts with little GPU memory, and its lowest. */
const lowestDefault = 4096;

/** The context to ask for; undefined leaves it to the engine. */
const contextOf = (
  asked: number | undefined,
  facts: ContextFacts,
  policy: ContextPolicy,
): number | undefined => {
  if (policy.contextTokens !== undefined) return policy.contextTokens;
  const { loadedContextTokens: loaded, defaultContextTokens = lowestDefault } = facts;
  // A model that is in memory with room enough serves as it is; reloading it smaller would gain the caller nothing,
  // and the next one with more to say would have it reloaded again.
  if (asked === undefined || asked <= 0)
    return loaded !== undefined && loaded > defaultContextTokens ? loaded : undefined;
  const bucket = bucketOf(asked, facts, policy);
  return loaded !== undefined && loaded >= bucket ? loaded : bucket;
};

const optionEdits = (facts: ContextFacts, policy: ContextPolicy): readonly ContextEdit[] => {
  const edits: ContextEdit[] = [];
  const names = spellings(facts.body, 'options');
  const name = names.at(-1) ?? 'options';
  const given = facts.body[name];
  for (const each of names) {
    const options = asObject(facts.body[each]) ?? {};
    for (const option of loadOptions) {
      if (Object.hasOwn(options, option) && !policy.allowedOptions.has(option))
        edits.push({ path: [each, option], value: undefined });
    }
    if (each !== name && Object.hasOwn(options, 'num_ctx'))
      edits.push({ path: [each, 'num_ctx'], value: undefined });
  }
  const options = given === undefined || given === null ? {} : asObject(given);
  // What is no object, and a context that is no number, is the engine's to refuse, in its own words.
  if (options === undefined) return edits;
  const asked = options.num_ctx ?? undefined;
  const tokens = asNumber(asked);
  if (asked !== undefined && tokens === undefined) return edits;
  const value = contextOf(tokens, facts, policy);
  if (value === tokens) return edits;
  if (given === null) edits.push({ path: [name], value: value === undefined ? null : { num_ctx: value } });
  else edits.push({ path: [name, 'num_ctx'], value });
  return edits;
};

/** A wish in milliseconds, Infinity for ever; undefined for none, and for what the engine refuses. */
const keepAliveMs = (value: Json | undefined): Millis | undefined => {
  const wishMs = typeof value === 'string' ? parseGoDuration(value) : asNumber(value);
  if (wishMs === undefined) return undefined;
  if (wishMs < 0) return Infinity;
  return typeof value === 'number' ? wishMs * 1000 : wishMs;
};

const keepAliveEdits = (facts: ContextFacts, policy: ContextPolicy): readonly ContextEdit[] => {
  const edits: ContextEdit[] = [];
  for (const name of spellings(facts.body, 'keep_alive')) {
    const wishMs = keepAliveMs(facts.body[name]);
    if (wishMs === undefined || (wishMs === 0 && facts.residency === 'unload')) continue;
    const allowedMs = Math.min(policy.maxKeepAliveMs, Math.max(policy.minKeepAliveMs, wishMs));
    if (allowedMs !== wishMs) edits.push({ path: [name], value: allowedMs / 1000 });
  }
  return edits;
};

/** The edits that bring a native body under the policy; none where it already is. */
export const contextEdits = (facts: ContextFacts, policy: ContextPolicy): readonly ContextEdit[] => [
  ...optionEdits(facts, policy),
  ...keepAliveEdits(facts, policy),
];
