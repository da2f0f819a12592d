/** What makes the strategies of a configuration useless for its backends. Imports core. */

import { policies } from '../core/policies.ts';
import { policyProblem, weightProblem } from '../core/policy-problems.ts';
import { pathText } from './path-text.ts';
import type { Config } from './schema.ts';

type PolicyKeys = Pick<Config, 'strategy' | 'weights' | 'models' | 'backends'>;

/** One line for each strategy that could never choose, or whose weights are none; nothing while there is no backend. */
export const policyProblems = ({ strategy, weights, models, backends }: PolicyKeys): readonly string[] => {
  const problems: string[] = [];
  const configured = Object.values(backends);
  const check = (at: string, name: Config['strategy']): void => {
    const problem = configured.length === 0 ? undefined : policyProblem(name, configured);
    if (problem !== undefined) problems.push(`${at}: ${problem}`);
  };
  check('strategy', strategy);
  for (const [name, model] of Object.entries(models)) {
    if (model.strategy !== undefined) check(pathText(['models', name, 'strategy']), model.strategy);
  }
  for (const policy of Object.values(policies)) {
    const problem = weightProblem(policy, weights[policy.name] ?? {});
    if (problem !== undefined) problems.push(`${pathText(['weights', policy.name])}: ${problem}`);
  }
  return problems;
};
