/** What each family of tokenizers makes of a text, fitted to their public tokenizers. Pure; imports this folder. */

import { countedKinds, type TokenCounts, type TokenFamily, tokenCounts } from './token-counts.ts';

/** Tokens for each thing that is counted, in the order of `countedKinds`. */
const weights: Readonly<Record<TokenFamily, readonly number[]>> = {
  'gpt-4o': [
    0.081, 0.523, 0.689, 0.148, 0.905, 0.051, 0.014, 0.631, 0.171, 0.794, 0.458, 0.37, 0.383, 0.394, 0.82,
    0.649, 0.67, 0.694,
  ],
  'gpt-4': [
    0.101, 1.607, 0.667, 0.186, 0.953, 0.051, 0, 0.543, 0.371, 0.973, 1.015, 1.004, 1.28, 0.919, 1.253, 1.002,
    1.111, 0.906,
  ],
  'llama-2': [
    0.096, 1.866, 0.791, 0.213, 1.262, 0.018, 0.628, 0.789, 0.23, 1.136, 1.168, 1.211, 1.463, 1.089, 1.564,
    1.095, 1.846, 1.16,
  ],
  'llama-3': [
    0.12, 0.647, 0.629, 0.222, 1.039, 0.036, 0, 0.516, 0.265, 0.62, 0.48, 0.556, 0.644, 0.455, 0.89, 0.54,
    0.719, 0.859,
  ],
  qwen: [
    0.121, 0.739, 0.618, 0.21, 1.481, 0.044, 0, 0.514, 0.286, 0.691, 0.962, 0.418, 1.22, 0.534, 0.69, 0.593,
    0.789, 0.701,
  ],
  gemma: [
    0.057, 0.373, 0.796, 0.207, 1.35, 0.022, 0.742, 0.749, 0.124, 0.984, 0.469, 0.404, 0.317, 0.293, 0.708,
    0.342, 0.633, 0.487,
  ],
  any: [
    0.095, 1.018, 0.708, 0.197, 1.155, 0.035, 0.176, 0.634, 0.241, 0.884, 0.76, 0.686, 0.889, 0.617, 0.998,
    0.705, 0.973, 0.857,
  ],
};

const families: readonly (readonly [name: RegExp, family: TokenFamily])[] = [
  [/qwen|qwq|r1.*(?:1\.5|7|14|32)b/i, 'qwen'],
  [/gemma|gemini/i, 'gemma'],
  [/gpt-?oss|gpt-?4o|gpt-?4\.1|gpt-?5|(?:^|[/:])o[134](?:$|[-:])/i, 'gpt-4o'],
  [/gpt-?[34]/i, 'gpt-4'],
  [/llama-?3|llama-?4|hermes-?3|llama3/i, 'llama-3'],
  [/llama|mistral|mixtral|vicuna|phi-?3|zephyr|openhermes/i, 'llama-2'],
];

/** The family a model belongs to by its name; `any` where that does not tell. */
export const familyOf = (model: string): TokenFamily =>
  families.find(([name]) => name.test(model))?.[1] ?? 'any';

/** Tokens of what was counted, at least one. */
export const tokensOf = (counts: TokenCounts, family: TokenFamily): number => {
  let tokens = 0;
  const own = weights[family];
  for (let index = 0; index < countedKinds.length; index += 1)
    tokens += (own[index] ?? 0) * counts[countedKinds[index] ?? 'other'];
  return Math.max(1, tokens);
};

/** Tokens of a text for a family of models, without its tokenizer. */
export const tokensIn = (text: string, family: TokenFamily): number => tokensOf(tokenCounts(text), family);
