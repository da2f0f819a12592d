/** Token probabilities in the shape that Ollama and OpenAI share. */

import type { JsonObject } from '../spec/json.ts';
import { createSeededRandom, hashText } from './seeded-random.ts';

const encoder = new TextEncoder();

const entry = (token: string, logprob: number): JsonObject => ({
  token,
  logprob: Math.round(logprob * 1e6) / 1e6,
  bytes: [...encoder.encode(token)],
});

/** The probability of one token and, when `top` is above 0, of as many alternatives. */
export const logprobOf = (token: string, top: number): JsonObject => {
  const random = createSeededRandom(hashText(token));
  const chosen = -random() * 0.5;
  if (top === 0) return entry(token, chosen);
  const alternatives = [entry(token, chosen)];
  for (let rank = 1; rank < top; rank++)
    alternatives.push(entry(`${token}${rank}`, chosen - rank - random()));
  return { ...entry(token, chosen), top_logprobs: alternatives };
};
