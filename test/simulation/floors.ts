/** What a policy must reach on fleets and loads drawn by seed: how it is measured, and how much is asked. */

import type { FleetFile } from '../../src/config/simulation-files.ts';
import { builtInFleet, builtInLoad } from '../../src/simulation/built-in.ts';
import { capacityFor } from '../../src/simulation/comparison.ts';
import { drawLoad } from '../../src/simulation/load.ts';
import { parsePlacing } from '../../src/simulation/placing.ts';
import { type RunResult, simulate } from '../../src/simulation/run.ts';
import { firstTokenTimes, percentile, summarise } from '../../src/simulation/summary.ts';

/** Largest allowed p95 of the time to the first token, against that of others. */
export interface Floor {
  /** The best of the plain policies that leave the queue to the hosts. */
  readonly direct: number;
  /** The best of them with the same queue. */
  readonly queued: number;
  /** A greedy choice that knows every length and rate. */
  readonly clairvoyant: number;
}

const floor: Floor = { direct: 0.5, queued: 0.8, clairvoyant: 1.3 };

/** The policies that must reach them, at every share of capacity. */
export const floors: readonly (readonly [string, Floor])[] = [['expected_finish', floor]];

const plain = ['least_loaded', 'round_robin', 'random'];

export interface Measure {
  readonly share: number;
  readonly seeds: readonly number[];
  readonly minutes: number;
}

const runOne = (name: string, seed: number, { share, minutes }: Measure): Promise<RunResult> => {
  const [fleet, load] = [builtInFleet('unequal', seed), builtInLoad('poisson', seed)];
  const placing = parsePlacing(name);
  if (fleet === undefined || load === undefined || 'problem' in placing)
    throw new Error(`no run for ${name}`);
  const perSecond = share * capacityFor(fleet, load, seed);
  const drawn = drawLoad(load, { perSecond, durationMs: minutes * 60_000, seed });
  return simulate({ fleet, load: drawn, placing, seed });
};

export interface Measured {
  readonly p95Ms: number;
  readonly diverged: readonly number[];
}

/** The requests of all seeds together, so that a rare bad hour is not averaged away. */
export const measure = async (name: string, how: Measure): Promise<Measured> => {
  const times: number[] = [];
  const diverged: number[] = [];
  for (const seed of how.seeds) {
    const result = await runOne(name, seed, how);
    times.push(...firstTokenTimes(result.requests));
    if (summarise(result).diverges) diverged.push(seed);
  }
  return { p95Ms: percentile(times, 0.95), diverged };
};

const bestOf = async (names: readonly string[], how: Measure): Promise<number> => {
  let best = Infinity;
  for (const name of names) best = Math.min(best, (await measure(name, how)).p95Ms);
  return best;
};

export interface Others {
  readonly direct: number;
  readonly queued: number;
  readonly clairvoyant: number;
}

/** What the others reach. */
export const measureOthers = async (how: Measure): Promise<Others> => ({
  direct: await bestOf(
    plain.map((name) => `${name}:direct`),
    how,
  ),
  queued: await bestOf(plain, how),
  clairvoyant: (await measure('clairvoyant', how)).p95Ms,
});

export interface PrefixMeasure {
  /** Of the turns after the first, those that found their conversation. */
  readonly hits: number;
  /** The busiest host against the mean, by requests. */
  readonly highestLoad: number;
}

/** Every host holds the model throughout, or an idle fleet would rightly use one host and leave three cold. */
const loadedFleet = (seed: number): FleetFile | undefined => {
  const fleet = builtInFleet('equal', seed);
  const hosts = Object.entries(fleet?.hosts ?? {}).map(([name, host]) => [
    name,
    { ...host, preload: host.models.slice(0, 1), keepAliveSeconds: 86_400 },
  ]);
  return fleet && { ...fleet, hosts: Object.fromEntries(hosts) };
};

/** Conversations of about 8,000 tokens that come back, over four equal hosts that can remember them all. */
export const measurePrefixes = async (
  name: string,
  {
    seeds,
    minutes,
    perSecond,
  }: { readonly seeds: readonly number[]; readonly minutes: number; readonly perSecond: number },
): Promise<PrefixMeasure> => {
  const placing = parsePlacing(name);
  const hits: number[] = [];
  const highest: number[] = [];
  for (const seed of seeds) {
    const [fleet, load] = [loadedFleet(seed), builtInLoad('conversations', seed)];
    if (fleet === undefined || load === undefined || 'problem' in placing)
      throw new Error(`no run for ${name}`);
    const drawn = drawLoad(load, { perSecond, durationMs: minutes * 60_000, seed });
    const { prefixHits = 0, hosts } = summarise(await simulate({ fleet, load: drawn, placing, seed }));
    const counts = hosts.map(({ requests }) => requests);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    hits.push(prefixHits);
    highest.push(Math.max(...counts) / mean);
  }
  return {
    hits: hits.reduce((sum, share) => sum + share, 0) / hits.length,
    highestLoad: Math.max(...highest),
  };
};
