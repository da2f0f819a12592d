/** Running totals per backend and model, for `/stats` and the model pages. Imports spec. */

import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Report, RequestSettled } from './events.ts';

/** Totals since start; means are over the requests that had the figure. */
export interface Totals {
  requests: number;
  done: number;
  failed: number;
  broken: number;
  canceled: number;
  inputTokens: number;
  outputTokens: number;
  /** Decayed means, so that they follow the present. */
  meanFirstContentMs: Millis | undefined;
  meanTokensPerSecond: number | undefined;
  lastUsedAt: Millis | undefined;
}

export interface Statistics {
  readonly report: Report;
  total(): Readonly<Totals>;
  backend(id: BackendId): Readonly<Totals>;
  /** By backend and the name it knows the model by. */
  pair(id: BackendId, upstream: string): Readonly<Totals>;
  failedAttempts(id: BackendId): number;
}

const empty = (): Totals => ({
  requests: 0,
  done: 0,
  failed: 0,
  broken: 0,
  canceled: 0,
  inputTokens: 0,
  outputTokens: 0,
  meanFirstContentMs: undefined,
  meanTokensPerSecond: undefined,
  lastUsedAt: undefined,
});

const newPairs = (): Map<string, Totals> => new Map();

const decayed = (mean: number | undefined, value: number): number =>
  mean === undefined ? value : mean * 0.9 + value * 0.1;

const add = (totals: Totals, event: RequestSettled, wallMs: Millis): void => {
  const { usage, firstContentMs, durationMs, outcome } = event;
  const outputTokens = usage?.outputTokens ?? 0;
  totals.requests += 1;
  totals[outcome === 'refused' ? 'failed' : outcome] += 1;
  totals.inputTokens += usage?.inputTokens ?? 0;
  totals.outputTokens += outputTokens;
  totals.lastUsedAt = wallMs;
  if (firstContentMs === undefined) return;
  totals.meanFirstContentMs = decayed(totals.meanFirstContentMs, firstContentMs);
  const decodeMs = usage?.timings?.decodeMs ?? durationMs - firstContentMs;
  if (decodeMs > 0 && outputTokens > 1) {
    totals.meanTokensPerSecond = decayed(totals.meanTokensPerSecond, (outputTokens / decodeMs) * 1000);
  }
};

/** Counts from now on. */
export const createStatistics = (wallMs: () => Millis): Statistics => {
  const all = empty();
  const backends = new Map<BackendId, Totals>();
  const pairs = new Map<BackendId, Map<string, Totals>>();
  const attempts = new Map<BackendId, number>();

  const of = <Value>(map: Map<string, Value>, key: string, create: () => Value): Value => {
    const known = map.get(key);
    if (known !== undefined) return known;
    const created = create();
    map.set(key, created);
    return created;
  };

  const report: Report = (event) => {
    if (event.type !== 'request') return;
    const { backend, upstream } = event;
    const now = wallMs();
    add(all, event, now);
    if (backend !== undefined) {
      add(of(backends, backend, empty), event, now);
      if (upstream !== undefined) add(of(of(pairs, backend, newPairs), upstream, empty), event, now);
    }
    for (const { backend } of event.failedAttempts) attempts.set(backend, (attempts.get(backend) ?? 0) + 1);
  };

  return {
    report,
    total: () => all,
    backend: (id) => backends.get(id) ?? empty(),
    pair: (id, upstream) => pairs.get(id)?.get(upstream) ?? empty(),
    failedAttempts: (id) => attempts.get(id) ?? 0,
  };
};
