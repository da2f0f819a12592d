/** Groups of models and the tiers in them, as configured or as made from what is installed. Pure; imports spec. */

import type { ChoiceWeights, ModelTier } from '../../spec/choice.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import type { Zone } from '../../spec/vocabulary.ts';
import { isEmbedder, parametersBillions } from './strength.ts';

/** A model that some host has, under the name clients use. */
export interface Installed {
  readonly name: string;
  readonly card: ModelCard;
  readonly zone: Zone;
}

/** What counts in a choice where nothing else is configured. */
export const defaultWeights: ChoiceWeights = {
  performance: 0.4,
  cost: 0.3,
  reliability: 0.2,
  capabilities: 0.1,
};

/** Below these sizes, in billions of parameters, a model is small, or medium. */
const smallBelow = 5;
const mediumBelow = 16;

/** Smaller ones help other models to write, and are chosen by themselves only where there is nothing else. */
const tinyBelow = 1;

/** Models that differ by less are of one strength. */
const leastStep = 2;

/** Of a model that says nothing: one in the cloud was hardly put there for being small. */
const assumed: Readonly<Record<Zone, number>> = { local: 8, cloud: 70 };

/** How strong an installed model is taken to be. */
export const strengthOf = ({ card, zone }: Installed): number => parametersBillions(card) ?? assumed[zone];

/** The thresholds for so many tiers: each next one is wanted by fewer, and the strongest by three in ten. */
export const defaultThresholds = (tiers: number): readonly number[] => {
  if (tiers < 2) return [];
  return Array.from({ length: tiers - 1 }, (_, index) => 0.7 - 0.3 * (tiers - 2 - index)).map((threshold) =>
    Math.max(0.1, Math.round(threshold * 100) / 100),
  );
};

interface Weighed {
  readonly name: string;
  readonly strength: number;
}

const halves = (models: readonly Weighed[]): readonly (readonly Weighed[])[] => {
  let at = 0;
  let widest = leastStep;
  for (let index = 1; index < models.length; index += 1) {
    const step = (models[index]?.strength ?? 1) / Math.max(1e-9, models[index - 1]?.strength ?? 1);
    if (step < widest) continue;
    widest = step;
    at = index;
  }
  return at === 0 ? [models] : [models.slice(0, at), models.slice(at)];
};

/**
 * Tiers from what is installed, weakest first. Where all models fall into one, they are parted at the widest step
 * between their sizes, if one is at least twice the other.
 */
export const automaticTiers = (installed: readonly Installed[]): readonly ModelTier[] => {
  const all = installed
    .filter(({ card }) => !isEmbedder(card))
    .map((model): Weighed => ({ name: model.name, strength: strengthOf(model) }))
    .sort((left, right) => left.strength - right.strength || (left.name < right.name ? -1 : 1));
  const grown = all.filter(({ strength }) => strength >= tinyBelow);
  const writers = grown.length > 0 ? grown : all;
  const embedders = installed.filter(({ card }) => isEmbedder(card)).map(({ name }) => name);
  const bySize: readonly (readonly Weighed[])[] = [
    writers.filter(({ strength }) => strength < smallBelow),
    writers.filter(({ strength }) => strength >= smallBelow && strength < mediumBelow),
    writers.filter(({ strength }) => strength >= mediumBelow),
  ];
  const filled = bySize.filter((models) => models.length > 0);
  const parts = filled.length === 1 ? halves(writers) : filled;
  const names =
    filled.length === 1
      ? parts.length === 1
        ? ['all']
        : ['small', 'large']
      : ['small', 'medium', 'large'].filter((_, index) => (bySize[index]?.length ?? 0) > 0);
  const tiers = parts.map((models, index) => ({
    name: names[index] ?? 'all',
    models: models.map(({ name }) => name),
  }));
  if (embedders.length === 0) return tiers;
  const [first, ...rest] = tiers;
  return [{ name: first?.name ?? 'all', models: [...(first?.models ?? []), ...embedders] }, ...rest];
};

/** The place of the tier that a complexity wants. */
export const wantedTier = (complexity: number, thresholds: readonly number[]): number => {
  let wanted = 0;
  for (const threshold of thresholds) if (complexity >= threshold) wanted += 1;
  return wanted;
};
