/** Reads what a run is placed by, as the command line names it. */

import { nearNames } from '../core/near-names.ts';
import { isPolicyName, policyNames } from '../core/policies.ts';
import type { Placing } from './run.ts';

const oracle = 'clairvoyant';
const directSuffix = ':direct';

/** Every name `parsePlacing` takes, without the suffix. */
export const placingNames: readonly string[] = [...policyNames, oracle];

/** `least_loaded`, `least_loaded:direct` without Pointsman's queue, or `clairvoyant`; else what is wrong with it. */
export const parsePlacing = (text: string): Placing | { readonly problem: string } => {
  if (text === oracle) return { label: text, strategy: oracle };
  const direct = text.endsWith(directSuffix);
  const strategy = direct ? text.slice(0, -directSuffix.length) : text;
  if (isPolicyName(strategy)) return { label: text, strategy, dispatch: direct ? 'direct' : 'queue' };
  const [near] = nearNames(strategy, placingNames, 1);
  const hint = near === undefined ? `; there are ${placingNames.join(', ')}` : `; did you mean '${near}'?`;
  return { problem: `there is no policy '${text}'${hint}` };
};
