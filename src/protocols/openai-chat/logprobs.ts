/** OpenAI's two forms of token probabilities: a list of entries (chat) and parallel lists (completions). May import spec. */

import type { Logprobs } from '../../spec/chat-event.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';

/** Reads either form; undefined where there are none. */
export const readLogprobs = (value: Json | undefined): Logprobs | undefined => {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const content = asArray(object.content);
  if (content !== undefined) return content;
  const tokens = asArray(object.tokens);
  if (tokens === undefined) return undefined;
  const own = asArray(object.token_logprobs) ?? [];
  const top = asArray(object.top_logprobs) ?? [];
  return tokens.map((token, index) => {
    const others = asObject(top[index]);
    const entry = { token, logprob: own[index] ?? null };
    if (others === undefined) return entry;
    return {
      ...entry,
      top_logprobs: Object.entries(others).map(([name, logprob]) => ({ token: name, logprob })),
    };
  });
};

/** The parallel lists of completions; `offset` is where in the whole text these tokens begin. */
export const writeParallelLogprobs = (logprobs: Logprobs, offset: number): JsonObject => {
  const entries = logprobs.map((entry) => asObject(entry) ?? {});
  const tokens = entries.map((entry) => asString(entry.token) ?? '');
  let next = offset;
  const offsets = tokens.map((token) => {
    const at = next;
    next += token.length;
    return at;
  });
  return {
    tokens,
    token_logprobs: entries.map((entry) => asNumber(entry.logprob) ?? null),
    top_logprobs: entries.map((entry) => topByToken(entry.top_logprobs)),
    text_offset: offsets,
  };
};

const topByToken = (value: Json | undefined): JsonObject =>
  Object.fromEntries(
    (asArray(value) ?? []).map((entry) => {
      const other = asObject(entry);
      return [asString(other?.token) ?? '', asNumber(other?.logprob) ?? null];
    }),
  );
