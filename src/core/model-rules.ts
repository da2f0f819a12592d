/** What is configured for a model, found by any name it goes by. Pure; imports spec. */

import type { ModelSettings } from '../spec/settings.ts';

/** The configured models by every name they have, anywhere. */
export type ModelRules = ReadonlyMap<string, ModelSettings>;

const tag = ':latest';

/** Models are asked for without regard to case, and without the tag that is meant where there is none. */
const plain = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.endsWith(tag) ? lower.slice(0, -tag.length) : lower;
};

/**
 * Takes in names, aliases, and what backends call a model: whoever asks by the name of a backend must not get around
 * what is configured. A model's own names go before what others are called somewhere.
 */
export const modelRules = (models: readonly ModelSettings[]): ModelRules => {
  const rules = new Map<string, ModelSettings>();
  const add = (name: string, model: ModelSettings): void => {
    const key = plain(name);
    if (!rules.has(key)) rules.set(key, model);
  };
  for (const model of models) for (const name of [model.name, ...model.aliases]) add(name, model);
  for (const model of models) for (const name of Object.values(model.names)) add(name, model);
  return rules;
};

const none: readonly ModelSettings[] = [];

/** Every configured model that a request is for: by the name asked for, first, then by what hosts call it. */
export const rulesFor = (
  rules: ModelRules,
  asked: string,
  upstreams: readonly string[],
): readonly ModelSettings[] => {
  if (rules.size === 0) return none;
  const found = new Set<ModelSettings>();
  for (const name of [asked, ...upstreams]) {
    const model = rules.get(plain(name));
    if (model !== undefined) found.add(model);
  }
  return found.size === 0 ? none : [...found];
};
