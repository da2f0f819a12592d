/** Models as configuration tells of them, beside those a backend lists. Pure. */

import type { Backend } from '../backends/backend.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { DeclaredModel } from '../spec/settings.ts';

const declaredCard = ({ name, capabilities, contextTokens }: DeclaredModel): ModelCard => ({
  name,
  ...(capabilities === undefined ? {} : { capabilities }),
  ...(contextTokens === undefined ? {} : { contextTokens }),
});

/** What is configured is believed before what is listed; models that are not listed are added. */
export const withDeclared = (
  listed: readonly ModelCard[],
  { options: { models: declared = [] }, names }: Backend,
): readonly ModelCard[] => {
  if (declared.length === 0) return listed;
  const unlisted = new Map(declared.map((model) => [model.name.toLowerCase(), model]));
  const told = listed.map((card) => {
    const name = names(card.name).find((each) => unlisted.has(each)) ?? '';
    const model = unlisted.get(name);
    unlisted.delete(name);
    return model === undefined ? card : { ...card, ...declaredCard(model), name: card.name };
  });
  return [...told, ...[...unlisted.values()].map(declaredCard)];
};
