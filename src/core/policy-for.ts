/** Which policy decides on a request: the caller's word, where that is allowed, before the model's, before the general one. Imports spec. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { GatewaySettings, ModelSettings } from '../spec/settings.ts';
import { chosenName } from './chosen-name.ts';
import { isPolicyName, type PolicyName, policies, policyNames } from './policies.ts';
import { changingChoice, type Policy } from './policy.ts';
import { reweighted } from './policy-problems.ts';

/** Every policy as this configuration has it; made once per configuration, not per request. */
export interface PolicyTable {
  readonly byName: Readonly<Record<PolicyName, Policy>>;
  readonly general: Policy;
  /** Whether a request may name its own. */
  readonly requests: 'allowed' | 'refused';
}

type PolicySettings = Pick<GatewaySettings, 'strategy' | 'weights' | 'requests'>;

/** The header a request names its policy in. */
export const policyHeader = 'x-pointsman-policy';

const defaultPolicy: PolicyName = 'expected_finish';

/** A policy that chooses another one chooses it with its configured weights. */
const choosingFrom = (policy: Policy, byName: Readonly<Record<string, Policy>>): Policy =>
  changingChoice(policy, (chosen) => byName[chosen.name] ?? chosen);

/** Builds the table; names and weights are taken to be right, as configuration checks them. */
export const policyTable = ({ strategy, weights, requests }: PolicySettings): PolicyTable => {
  const byName: Record<PolicyName, Policy> = { ...policies };
  for (const name of policyNames) {
    const own = weights[name];
    if (own !== undefined) byName[name] = reweighted(name, own);
  }
  for (const name of policyNames) byName[name] = choosingFrom(byName[name], byName);
  return {
    byName,
    general: byName[isPolicyName(strategy) ? strategy : defaultPolicy],
    requests: requests.policy ? 'allowed' : 'refused',
  };
};

/** What a request says of its policy. */
export interface PolicyFacts {
  /** The header, as sent. */
  readonly header: string | null | undefined;
  /** What is configured for the model asked for, if anything is. */
  readonly model: ModelSettings | undefined;
}

/**
 * The policy of one request. Throws `invalid_request` for a name that does not exist, and `forbidden` where requests may
 * not choose: to decide by another policy than the one that was asked for would go unnoticed.
 */
export const policyFor = (table: PolicyTable, { header, model }: PolicyFacts): Policy => {
  if (header != null) {
    const name = chosenName(header, policyNames, policyHeader);
    if (table.requests === 'allowed') return table.byName[name];
    throw new GatewayError(
      'forbidden',
      `requests may not choose their policy here: leave ${policyHeader} out`,
      {
        param: policyHeader,
      },
    );
  }
  const strategy = model?.strategy;
  return strategy !== undefined && isPolicyName(strategy) ? table.byName[strategy] : table.general;
};
