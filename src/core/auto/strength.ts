/** How strong a model is taken to be before it was ever asked: by its size, which its card or its name tells. Pure; imports spec. */

import type { ModelCard } from '../../spec/model-card.ts';

/** Bytes per parameter of the usual quantisation with four bits. */
const bytesPerParameter = 0.6;

const scale: Readonly<Record<string, number>> = { k: 1e-6, m: 1e-3, b: 1, t: 1e3 };

/** `8.0B`, `494.03M`; experts as `8x7B` count together. */
const sizePattern = /(?:(\d+)x)?(\d+(?:\.\d+)?)([kmbt])(?![a-z])/i;

const sizeIn = (text: string): number | undefined => {
  const found = sizePattern.exec(text);
  if (found === null) return undefined;
  const [, experts, amount, unit] = found;
  const size = Number(amount) * (scale[unit?.toLowerCase() ?? 'b'] ?? 1) * Number(experts ?? 1);
  return size > 0 && size < 1e5 ? size : undefined;
};

/** A version is no size: in `llama3.2:3b` only what stands after a mark counts. */
const sizeInName = (name: string): number | undefined => {
  for (const part of name.split(/[:/_\s-]/).reverse()) {
    const found = sizeIn(part);
    if (found !== undefined && /^(?:\d+x)?[\d.]+[kmbt]/i.test(part)) return found;
  }
  return undefined;
};

/** Billions of parameters; undefined where nothing tells. */
export const parametersBillions = (card: ModelCard): number | undefined => {
  const told = card.parameterSize === undefined ? undefined : sizeIn(card.parameterSize);
  if (told !== undefined) return told;
  const named = sizeInName(card.name);
  if (named !== undefined) return named;
  return card.sizeBytes === undefined || card.sizeBytes <= 0
    ? undefined
    : card.sizeBytes / bytesPerParameter / 1e9;
};

const embeddingName = /embed|(?:^|[/:_-])(?:bge|e5|gte|minilm|nomic)(?:$|[/:_.-])|arctic-embed|all-minilm/i;

/** Whether a model makes vectors and no text, by what its engine says, else by its name. */
export const isEmbedder = ({ name, capabilities }: ModelCard): boolean =>
  capabilities === undefined || capabilities.length === 0
    ? embeddingName.test(name)
    : capabilities.includes('embedding') && !capabilities.includes('completion');
