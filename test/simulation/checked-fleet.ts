/** A fleet's simulated hosts, and the configuration of the instances before them. */

import type { Config } from '../../src/config/schema.ts';
import { checkFleet, type FleetFile } from '../../src/config/simulation-files.ts';
import { configOf, type Member, membersOf } from '../../src/simulation/members.ts';
import type { Json } from '../../src/spec/json.ts';

/** Reads a description; throws what is wrong with it. */
export const fleetFrom = (described: Json): FleetFile => {
  const read = checkFleet(described);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.value;
};

export interface FleetPlay {
  readonly seed: number;
  readonly strategy: string;
  /** `single`: each by itself, for faults that count them. */
  readonly tokens: 'single' | 'together';
}

/** Both of a fleet whose slots and queue Pointsman owns; throws what is wrong with the configuration. */
export const checkedFleet = (
  fleet: FleetFile,
  { seed, strategy, tokens }: FleetPlay,
): { readonly members: readonly Member[]; readonly config: Config } => {
  const members = membersOf(fleet, seed).map((member) => {
    const options = tokens === 'single' ? { ...member.options, chunkMs: 0 } : member.options;
    return { ...member, options };
  });
  const checked = configOf(fleet, members, { strategy, dispatch: 'queue' });
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  return { members, config: checked.config };
};
