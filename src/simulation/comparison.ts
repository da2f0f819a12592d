/** What `simulate` is asked and what it answers: the same drawn load under each policy, side by side. */

import type { Arrivals, FleetFile, LoadFile } from '../config/simulation-files.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { capacityOf, kindsOf } from './capacity.ts';
import { drawLoad } from './load.ts';
import { capacityHosts, membersOf } from './members.ts';
import { ImpossibleRun, type Placing, type RunResult, simulate } from './run.ts';
import { type Summary, summarise } from './summary.ts';

export interface ComparisonOptions {
  readonly fleet: FleetFile;
  readonly load: LoadFile;
  /** In the place of what the load says. */
  readonly arrivals?: Arrivals;
  readonly placings: readonly Placing[];
  readonly durationMs: Millis;
  readonly seed: number;
  /** Told of each run as it ends. */
  readonly onRun?: (result: RunResult) => void;
}

export interface Comparison {
  readonly seed: number;
  readonly minutes: number;
  /** Requests per second this fleet could serve at most of this mix. */
  readonly capacityPerSecond: number;
  readonly arrivalsPerSecond: number;
  readonly requests: number;
  readonly policies: readonly Summary[];
}

/** Requests per second the fleet can serve of this load. */
export const capacityFor = (fleet: FleetFile, load: LoadFile, seed: number): number => {
  const kinds = kindsOf(load, seed);
  const models = [...new Set(kinds.map(({ model }) => model))];
  return capacityOf(capacityHosts(fleet, membersOf(fleet, seed), models), kinds);
};

/** Runs the load under each policy in turn; throws `ImpossibleRun` for what cannot be simulated. */
export const compare = async (options: ComparisonOptions): Promise<Comparison> => {
  const { fleet, load, placings, durationMs, seed, onRun } = options;
  const arrivals = options.arrivals ?? load.arrivals;
  const capacityPerSecond = capacityFor(fleet, load, seed);
  if (capacityPerSecond <= 0)
    throw new ImpossibleRun(['the load asks for a model that no host of the fleet has']);
  const perSecond = 'perSecond' in arrivals ? arrivals.perSecond : arrivals.ofCapacity * capacityPerSecond;
  const drawn = drawLoad(load, { perSecond, durationMs, seed });
  if (drawn.requests === 0) throw new ImpossibleRun(['nothing arrives in this time; simulate more minutes']);
  const policies: Summary[] = [];
  for (const placing of placings) {
    const result = await simulate({ fleet, load: drawn, placing, seed });
    onRun?.(result);
    policies.push(summarise(result));
  }
  return {
    seed,
    minutes: durationMs / 60_000,
    capacityPerSecond,
    arrivalsPerSecond: perSecond,
    requests: drawn.requests,
    policies,
  };
};
