/** OpenRouter, which lists what each of its models can do. Imports spec and this folder. */

import { asArray, asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Capability } from '../spec/vocabulary.ts';
import type { BackendKind } from './backend.ts';
import { count } from './parts/count.ts';
import { openAiProvider } from './parts/openai-provider.ts';

const holds = (list: Json | undefined, word: string): boolean => asArray(list)?.includes(word) === true;

const capabilitiesOf = (entry: JsonObject): readonly Capability[] | undefined => {
  const architecture = asObject(entry.architecture);
  if (architecture === undefined) return undefined;
  const { input_modalities: takes, output_modalities: gives } = architecture;
  const able: Capability[] = [];
  if (holds(gives, 'text')) able.push('completion');
  if (holds(entry.supported_parameters, 'tools')) able.push('tools');
  if (holds(takes, 'image')) able.push('vision');
  if (holds(takes, 'audio')) able.push('audio');
  if (holds(entry.supported_parameters, 'reasoning')) able.push('thinking');
  if (holds(gives, 'embeddings')) able.push('embedding');
  return able;
};

const facts = (entry: JsonObject): Partial<ModelCard> => {
  const capabilities = capabilitiesOf(entry);
  const contextTokens = count(entry.context_length);
  return {
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
};

/** Models are `maker/name`, and never anything shorter: the same name may be another maker's too. */
export const openrouter: BackendKind = openAiProvider({
  kind: 'openrouter',
  url: 'https://openrouter.ai/api/v1',
  facts,
});
