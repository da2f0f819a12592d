/** What every row is given, and the one order in which all of them measure: target after target, round after round. */

import type { ByTarget } from './figures.ts';
import { median } from './figures.ts';
import type { ProxyProcess } from './proxy-process.ts';
import type { Sizes } from './sizes.ts';
import { type Site, startTarget, type TargetName } from './targets.ts';
import type { Traffic } from './traffic.ts';

export interface Session {
  readonly traffic: Traffic;
  readonly site: Site;
  readonly sizes: Sizes;
  /** Tells a person what goes on. */
  readonly say: (line: string) => void;
}

/** What each target gave, one sample per round. */
export type Samples<Sample> = ReadonlyMap<TargetName, readonly Sample[]>;

/** Runs something on a proxy of its own, which is ended whatever happens; undefined where the target is not here. */
export const alone = async <Result>(
  name: TargetName,
  session: Session,
  run: (proxy: ProxyProcess) => Promise<Result>,
): Promise<Result | undefined> => {
  const proxy = await startTarget(name, session.site);
  if (proxy === undefined) return undefined;
  try {
    return await run(proxy);
  } finally {
    await proxy.stop();
  }
};

/**
 * All targets run at the same time and are measured in turn, so that what else the machine does meets them alike.
 * Each round begins with the next target, so that none is always the first.
 */
export const interleaved = async <Sample>(
  names: readonly TargetName[],
  session: Session,
  run: (proxy: ProxyProcess) => Promise<Sample>,
): Promise<Samples<Sample>> => {
  const { rounds, warmRounds } = session.sizes;
  const started: (readonly [TargetName, ProxyProcess])[] = [];
  const samples = new Map<TargetName, Sample[]>();
  try {
    for (const name of names) {
      const proxy = await startTarget(name, session.site);
      if (proxy !== undefined) started.push([name, proxy]);
    }
    for (let round = -warmRounds; round < rounds; round += 1) {
      session.say(round < 0 ? '  warm-up' : `  round ${round + 1} of ${rounds}`);
      const shift = Math.max(0, round) % started.length;
      for (const [name, proxy] of [...started.slice(shift), ...started.slice(0, shift)]) {
        const sample = await run(proxy);
        if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), sample]);
      }
    }
  } finally {
    await Promise.all(started.map(([, proxy]) => proxy.stop()));
  }
  return samples;
};

/** The median of one measure, for each target that has it. */
export const medians = <Sample>(
  samples: Samples<Sample>,
  names: readonly TargetName[],
  measure: (sample: Sample) => number,
): ByTarget => {
  const values: Partial<Record<TargetName, number>> = {};
  for (const name of names) {
    const own = samples.get(name);
    if (own !== undefined) values[name] = median(own.map(measure));
  }
  return values;
};

/** The median over the rounds of a measure against the same measure of another target in the same round. */
export const compared = <Sample>(
  samples: Samples<Sample>,
  names: readonly TargetName[],
  against: TargetName,
  measure: (sample: Sample, other: Sample) => number,
): ByTarget => {
  const others = samples.get(against);
  const values: Partial<Record<TargetName, number>> = {};
  for (const name of names) {
    const own = samples.get(name);
    if (own === undefined || others === undefined) continue;
    values[name] = median(
      own.flatMap((sample, round) => {
        const other = others[round];
        return other === undefined ? [] : [measure(sample, other)];
      }),
    );
  }
  return values;
};
