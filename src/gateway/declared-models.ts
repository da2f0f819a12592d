/** Models as configuration tells of them, beside those a backend lists. Pure. */

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
  declared: readonly DeclaredModel[] = [],
): readonly ModelCard[] => {
  if (declared.length === 0) return listed;
  const byName = new Map(declared.map((model) => [model.name.toLowerCase(), model]));
  const told = listed.map((card) => {
    const model = byName.get(card.name.toLowerCase());
    byName.delete(card.name.toLowerCase());
    return model === undefined ? card : { ...card, ...declaredCard(model), name: card.name };
  });
  return [...told, ...[...byName.values()].map(declaredCard)];
};
