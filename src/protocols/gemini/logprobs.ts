/** Log probabilities between Gemini's parallel lists and one entry per token. May import spec. */

import type { Logprobs } from '../../spec/chat-event.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';

const readToken = (value: Json | undefined): JsonObject => {
  const token = asObject(value);
  return { token: asString(token?.token) ?? '', logprob: asNumber(token?.logProbability) ?? 0 };
};

const writeToken = (value: Json | undefined): JsonObject => {
  const token = asObject(value);
  return { token: asString(token?.token) ?? '', logProbability: asNumber(token?.logprob) ?? 0 };
};

/** Reads a candidate's `logprobsResult`; undefined where it holds no token. */
export const readLogprobs = (value: Json | undefined): Logprobs | undefined => {
  const result = asObject(value);
  const chosen = asArray(result?.chosenCandidates);
  if (chosen === undefined || chosen.length === 0) return undefined;
  const tops = asArray(result?.topCandidates);
  return chosen.map((token, index) => {
    const top = asArray(asObject(tops?.[index])?.candidates);
    return top === undefined ? readToken(token) : { ...readToken(token), top_logprobs: top.map(readToken) };
  });
};

/** Writes `logprobsResult`; the lists of alternatives are there when any token has some. */
export const writeLogprobs = (logprobs: Logprobs): JsonObject => {
  const tops = logprobs.map((entry) => asArray(asObject(entry)?.top_logprobs));
  return {
    ...(tops.some((top) => top !== undefined)
      ? { topCandidates: tops.map((top) => ({ candidates: (top ?? []).map(writeToken) })) }
      : {}),
    chosenCandidates: logprobs.map(writeToken),
  };
};
