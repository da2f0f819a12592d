/** A replay in numbers. Pure; imports spec. */

import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Replayed } from './replayed.ts';

/** How long requests took; a mean beside the percentiles, because a few requests may carry all the difference. */
export interface Spread {
  readonly count: number;
  readonly meanMs: Millis;
  readonly p50Ms: Millis;
  readonly p95Ms: Millis;
}

export interface ReplaySummary {
  readonly requests: number;
  /** Went, or would go, to the same backend. */
  readonly same: number;
  readonly elsewhere: number;
  /** The other policy lets no host serve them. */
  readonly nowhere: number;
  /** How many of the other policy's times are estimates. */
  readonly estimates: number;
  readonly firstContent: {
    readonly recorded: Spread | undefined;
    /** Estimates for the same backends, so that the next line can be judged: how far off is an estimate here? */
    readonly recordedAsEstimated: Spread | undefined;
    /** Measured where the backend is the same, estimated where it is not. */
    readonly other: Spread | undefined;
  };
  /** First choices per backend, in order of name. */
  readonly backends: readonly {
    readonly backend: BackendId;
    readonly recorded: number;
    readonly other: number;
  }[];
}

/** The spread of what is known; undefined where nothing is. */
export const spreadOf = (times: Iterable<Millis | undefined>): Spread | undefined => {
  const known = [...times].filter((time) => time !== undefined).sort((left, right) => left - right);
  if (known.length === 0) return undefined;
  const at = (share: number): Millis =>
    known[Math.min(known.length - 1, Math.ceil(share * known.length) - 1)] ?? 0;
  const sum = known.reduce((total, time) => total + time, 0);
  return { count: known.length, meanMs: sum / known.length, p50Ms: at(0.5), p95Ms: at(0.95) };
};

/** Counts and spreads over all requests. */
export const summarise = (requests: readonly Replayed[]): ReplaySummary => {
  const choices = new Map<BackendId, { recorded: number; other: number }>();
  const count = (backend: BackendId | undefined, of: 'recorded' | 'other'): void => {
    if (backend === undefined) return;
    const known = choices.get(backend) ?? { recorded: 0, other: 0 };
    known[of] += 1;
    choices.set(backend, known);
  };
  let same = 0;
  let nowhere = 0;
  let estimates = 0;
  for (const { recorded, other } of requests) {
    count(recorded.backend, 'recorded');
    count(other.backend, 'other');
    if (other.backend === undefined) nowhere += 1;
    else if (other.basis === 'estimate') estimates += 1;
    if (other.backend !== undefined && other.backend === recorded.backend) same += 1;
  }
  return {
    requests: requests.length,
    same,
    elsewhere: requests.length - same - nowhere,
    nowhere,
    estimates,
    firstContent: {
      recorded: spreadOf(requests.map(({ recorded }) => recorded.firstContentMs)),
      recordedAsEstimated: spreadOf(
        requests.map(({ recorded }) =>
          recorded.firstContentMs === undefined ? undefined : recorded.estimatedFirstContentMs,
        ),
      ),
      other: spreadOf(requests.map(({ other }) => other.firstContentMs)),
    },
    backends: [...choices]
      .map(([backend, chosen]) => ({ backend, ...chosen }))
      .sort((left, right) => left.backend.localeCompare(right.backend)),
  };
};
