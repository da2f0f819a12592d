/** What Ollama and the servers of OpenAI's chat dialect call the numbers of sampling, alike. May import spec. */

import type { Sampling } from '../spec/chat-request.ts';

const names = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  seed: 'seed',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  repeatPenalty: 'repeat_penalty',
} as const satisfies Partial<Record<keyof Sampling, string>>;

/** By their neutral name, for both directions; of OpenAI's, `top_k`, `min_p` and `repeat_penalty` are llama.cpp's. */
export const samplingNames = Object.entries(names) as readonly [keyof typeof names, string][];
