/** Groups of models from configuration to what the gateway is told. Imports spec. */

import type { ModelGroup, ModelTier } from '../spec/choice.ts';
import type { AutoSettings } from '../spec/settings.ts';
import type { Config } from './schema.ts';

type AutoConfig = Config['auto'];
type GroupConfig = AutoConfig['groups'][string];

const tierOf = (name: string, models: string | readonly string[] | undefined): readonly ModelTier[] =>
  models === undefined ? [] : [{ name, models: typeof models === 'string' ? [models] : models }];

const groupOf = (name: string, group: GroupConfig): ModelGroup => {
  const { small, medium, large, threshold, mediumThreshold, scoring } = group;
  const tiers = [...tierOf('small', small), ...tierOf('medium', medium), ...tierOf('large', large)];
  const { performance, cost, reliability, capabilities } = scoring;
  const thresholds = tiers.length === 2 ? [threshold] : [Math.min(mediumThreshold, threshold), threshold];
  return {
    name,
    tiers,
    thresholds: tiers.length === 1 ? [] : thresholds,
    weights: { performance, cost, reliability, capabilities },
  };
};

/** The group `auto` first, whether anything is said of it or not. */
export const autoSettings = (auto: AutoConfig): AutoSettings => ({
  groups: [
    groupOf('auto', auto),
    ...Object.entries(auto.groups).map(([name, group]) => groupOf(name, group)),
  ],
  listed: auto.listed,
});
