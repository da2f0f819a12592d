/** What is publicly known of models whose provider lists their names and nothing else. Imports spec. */

import type { ModelCard } from '../../spec/model-card.ts';
import type { Capability } from '../../spec/vocabulary.ts';

/** What a name tells. */
export interface KnownModel {
  readonly pattern: RegExp;
  readonly capabilities: readonly Capability[];
  readonly contextTokens?: number;
}

const chat: readonly Capability[] = ['completion', 'tools'];
const seeing: readonly Capability[] = ['completion', 'tools', 'vision'];
const reasoning: readonly Capability[] = ['completion', 'tools', 'vision', 'thinking'];

/** OpenAI's models by name, the narrower pattern first; a name that fits none is asked rather than refused. */
export const openAiModels: readonly KnownModel[] = [
  { pattern: /transcribe|^whisper-/, capabilities: ['transcription'] },
  { pattern: /-tts\b|^tts-/, capabilities: ['speech'] },
  { pattern: /^(?:dall-e-|gpt-image-|chatgpt-image-)/, capabilities: ['image-generation'] },
  { pattern: /^(?:omni|text)-moderation-/, capabilities: ['moderation'] },
  { pattern: /^text-embedding-/, capabilities: ['embedding'], contextTokens: 8_191 },
  {
    pattern: /^(?:gpt-4o(?:-mini)?-audio|gpt-audio)/,
    capabilities: ['completion', 'tools', 'audio'],
    contextTokens: 128_000,
  },
  { pattern: /^gpt-5[\w.]*-chat/, capabilities: seeing, contextTokens: 128_000 },
  { pattern: /^gpt-5/, capabilities: reasoning, contextTokens: 400_000 },
  { pattern: /^gpt-4\.1/, capabilities: seeing, contextTokens: 1_047_576 },
  { pattern: /^(?:chatgpt-|gpt-)4o(?!.*realtime)/, capabilities: seeing, contextTokens: 128_000 },
  { pattern: /^gpt-4-turbo/, capabilities: seeing, contextTokens: 128_000 },
  { pattern: /^gpt-4(?:-0613)?$/, capabilities: chat, contextTokens: 8_192 },
  { pattern: /^gpt-3\.5-turbo-instruct/, capabilities: ['completion'], contextTokens: 4_096 },
  { pattern: /^gpt-3\.5-turbo/, capabilities: chat, contextTokens: 16_385 },
  { pattern: /^(?:babbage|davinci)-002$/, capabilities: ['completion'], contextTokens: 16_384 },
  { pattern: /^o1-(?:mini|preview)/, capabilities: ['completion', 'thinking'], contextTokens: 128_000 },
  { pattern: /^o3-mini/, capabilities: ['completion', 'tools', 'thinking'], contextTokens: 200_000 },
  { pattern: /^o[134](?:-|$)(?!.*deep-research)/, capabilities: reasoning, contextTokens: 200_000 },
];

/** The facts of the first pattern that fits; nothing where none does. */
export const knownFacts = (name: string, table: readonly KnownModel[]): Partial<ModelCard> => {
  const known = table.find(({ pattern }) => pattern.test(name.toLowerCase()));
  if (known === undefined) return {};
  const { capabilities, contextTokens } = known;
  return { capabilities, ...(contextTokens === undefined ? {} : { contextTokens }) };
};
