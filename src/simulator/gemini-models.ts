/** Google's models as its API lists them, told from their names. */

import type { JsonObject } from '../spec/json.ts';
import type { Capability } from '../spec/vocabulary.ts';
import { simulatedModel } from './catalogue.ts';
import type { ListedModel } from './host-core.ts';

const longContextTokens = 1_048_576;
const embeddingContextTokens = 2048;

const isEmbedder = (name: string): boolean => name.includes('embedding');

const thinks = (name: string): boolean => /^gemini-(?:2\.5|[3-9])/.test(name);

/** From the third generation on a call in the history must carry the signature it came with. */
export const demandsSignatures = (name: string): boolean => /^gemini-[3-9]/.test(name);

const capabilitiesOf = (name: string): readonly Capability[] => {
  if (isEmbedder(name)) return ['embedding'];
  return thinks(name) ? ['completion', 'tools', 'vision', 'thinking'] : ['completion', 'tools', 'vision'];
};

/** The models of a host by name; a name whose size cannot be read is a mistake of the caller. */
export const geminiModels = (models: readonly string[]): ReadonlyMap<string, ListedModel> =>
  new Map(
    models.map((text) => {
      const model = simulatedModel(text);
      if (model === undefined) throw new RangeError(`not a model: ${text}`);
      const { name } = model;
      const contextTokens = isEmbedder(name) ? embeddingContextTokens : longContextTokens;
      return [name, { name, model: { ...model, contextTokens, capabilities: capabilitiesOf(name) } }];
    }),
  );

const actionsOf = (name: string): readonly string[] =>
  isEmbedder(name)
    ? ['embedContent', 'countTextTokens', 'countTokens', 'batchEmbedContents']
    : ['generateContent', 'countTokens', 'createCachedContent', 'batchGenerateContent'];

/** One entry of a listing. */
export const describeModel = ({ name, model }: ListedModel): JsonObject => ({
  name: `models/${name}`,
  version: '001',
  displayName: name,
  description: 'A simulated model',
  inputTokenLimit: model.contextTokens,
  outputTokenLimit: isEmbedder(name) ? 1 : 65_536,
  supportedGenerationMethods: actionsOf(name),
  ...(thinks(name) ? { thinking: true } : {}),
});

const defaultPageSize = 50;
const maxPageSize = 1000;

/** One page of the listing; a token is the place where the next begins. */
export const listPage = (
  models: ReadonlyMap<string, ListedModel>,
  pageSize: number,
  pageToken: string,
): JsonObject => {
  const size = pageSize > 0 ? Math.min(pageSize, maxPageSize) : defaultPageSize;
  const start = Number.parseInt(pageToken.replace(/^page-/, ''), 10) || 0;
  const entries = [...models.values()];
  const end = start + size;
  return {
    models: entries.slice(start, end).map(describeModel),
    ...(end < entries.length ? { nextPageToken: `page-${end}` } : {}),
    simulated: true,
  };
};
