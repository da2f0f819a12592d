/** What is declared of a model, under what its engine says and what was measured. Pure; imports spec. */

import type { ModelCard } from '../../spec/model-card.ts';
import type { DeclaredCard } from '../../spec/settings.ts';
import type { PairRates } from '../rates.ts';

/** The card with what only configuration says. */
export const cardWith = (card: ModelCard, declared: DeclaredCard): ModelCard => {
  const { contextTokens, capabilities, parameterSize } = declared;
  const filled = {
    contextTokens: card.contextTokens ?? contextTokens,
    capabilities: card.capabilities ?? capabilities,
    parameterSize: card.parameterSize ?? parameterSize,
  };
  return {
    ...card,
    ...Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== undefined)),
  };
};

/** A declared speed counts until one was measured. */
export const ratesWith = (rates: PairRates, { tokensPerSecond }: DeclaredCard): PairRates =>
  tokensPerSecond === undefined || rates.samples > 0
    ? rates
    : { ...rates, decodeTokensPerSecond: tokensPerSecond };
