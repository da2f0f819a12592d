/** OpenAI's own API. Imports spec and this folder. */

import { asString } from '../spec/json.ts';
import type { BackendKind } from './backend.ts';
import { knownFacts, openAiModels } from './parts/known-models.ts';
import { openAiProvider } from './parts/openai-provider.ts';

/** Its listing holds names alone; what the models can do is in the table of known ones. */
export const openai: BackendKind = openAiProvider({
  kind: 'openai',
  url: 'https://api.openai.com/v1',
  facts: ({ id }) => knownFacts(asString(id) ?? '', openAiModels),
});
