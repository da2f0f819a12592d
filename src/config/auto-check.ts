/** What is wrong between the groups of models and the rest of a configuration. Imports core. */

import { pathText } from './path-text.ts';
import type { Config } from './schema.ts';

/** Words behind a colon that mean a tier of any group. */
const reserved: readonly string[] = ['auto', 'fast', 'heavy', 'latest'];

type Group = Config['auto']['groups'][string];

const groupProblems = (at: string, group: Group): readonly string[] => {
  const { small, medium, large, threshold, mediumThreshold, scoring } = group;
  const problems: string[] = [];
  const count = [small, medium, large].filter((models) => models !== undefined).length;
  if (count === 3 && mediumThreshold > threshold)
    problems.push(`${at}.mediumThreshold: is above ${at}.threshold`);
  if (Object.values(scoring).every((weight) => weight === 0))
    problems.push(`${at}.scoring: leaves nothing to choose by`);
  return problems;
};

/** One line for each. */
export const autoProblems = ({ auto, models }: Pick<Config, 'auto' | 'models'>): readonly string[] => {
  const problems = [...groupProblems('auto', auto)];
  const named = new Set(
    Object.entries(models).flatMap(([name, { aliases }]) =>
      [name, ...aliases].map((each) => each.toLowerCase()),
    ),
  );
  const seen = new Set<string>();
  for (const [name, group] of Object.entries(auto.groups)) {
    const at = pathText(['auto', 'groups', name]);
    const lower = name.toLowerCase();
    if (reserved.includes(lower)) problems.push(`${at}: this name is reserved`);
    if (named.has(lower)) problems.push(`${at}: is the name of a model as well`);
    if (seen.has(lower)) problems.push(`${at}: the same name as another group`);
    seen.add(lower);
    problems.push(...groupProblems(at, group));
  }
  return problems;
};
