/** How a model was chosen, out of the looks at the fleet that a decision holds. Pure; imports spec. */

import type { ChosenModel, DecisionChoice } from '../../spec/decision.ts';
import type { Ask, Candidate } from '../candidate.ts';
import type { Plan } from '../plan.ts';
import { tooWeak } from './policy.ts';

/** As much of a look as is needed. */
interface Looked {
  readonly ask: Ask;
  readonly plan: Plan;
  readonly chosen?: string | undefined;
}

const chosenModel = (candidate: Candidate, tiers: readonly string[]): ChosenModel => ({
  model: candidate.name ?? candidate.upstream,
  backend: candidate.backend,
  tier: tiers[candidate.tier ?? 0] ?? '',
});

/** The strongest of those that were left out for being weak alone. */
const weaker = ({ rejected }: Plan): Candidate | undefined =>
  rejected
    .filter(({ reason }) => reason === tooWeak)
    .map(({ candidate }) => candidate)
    .sort((left, right) => (right.tier ?? 0) - (left.tier ?? 0))[0];

/** Of the last look; undefined where the model was named. The runner-up is the best candidate with another model. */
export const choiceOf = (looks: readonly Looked[]): DecisionChoice | undefined => {
  const last = looks.at(-1);
  const auto = last?.ask.auto;
  if (last === undefined || auto === undefined) return undefined;
  const { group, tiers, wanted, because, analysis } = auto;
  const [best, ...others] = [...last.plan.attempts, ...last.plan.full].map(({ candidate }) => candidate);
  const other =
    others.find(({ name, upstream }) => name !== best?.name || upstream !== best?.upstream) ??
    weaker(last.plan);
  return {
    group,
    tiers,
    wanted: tiers[wanted] ?? '',
    because,
    analysis,
    chosen: best && chosenModel(best, tiers),
    runnerUp: other && chosenModel(other, tiers),
  };
};
