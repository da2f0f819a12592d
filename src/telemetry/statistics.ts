/** Running totals per backend and model, for `/stats` and the model pages. Imports spec. */

import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Report } from './events.ts';

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

const decayed = (mean: number | undefined, value: number): number => (mean === undefined ? value : mean * 0.9 + value * 0.1);

/** Counts from now on. */
export const createStatistics = (wallMs: () => Millis): Statistics => {
  const all = empty();
  const backends = new Map<BackendId, Totals>();
  const pairs = new Map<string, Totals>();
  const attempts = new Map<BackendId, number>();

  const of = <Key>(map: Map<Key, Totals>, key: Key): Totals => {
    const known = map.get(key) ?? empty();
    map.set(key, known);
    return known;
  };

  const report: Report = (event) => {
    if (event.type !== 'request') return;
    const { usage, firstContentMs, durationMs } = event;
    const counted = [all];
    if (event.backend !== undefined) {
      counted.push(of(backends, event.backend));
      if (event.upstream !== undefined) counted.push(of(pairs, `${event.backend}\n${event.upstream}`));
    }
    const decodeMs = usage?.timings?.decodeMs ?? durationMs - (firstContentMs ?? durationMs);
    for (const totals of counted) {
      totals.requests += 1;
      totals[event.outcome === 'refused' ? 'failed' : event.outcome] += 1;
      totals.inputTokens += usage?.inputTokens ?? 0;
      totals.outputTokens += usage?.outputTokens ?? 0;
      totals.lastUsedAt = wallMs();
      if (firstContentMs !== undefined) totals.meanFirstContentMs = decayed(totals.meanFirstContentMs, firstContentMs);
      if (decodeMs > 0 && usage?.outputTokens !== undefined && usage.outputTokens > 1) {
        totals.meanTokensPerSecond = decayed(totals.meanTokensPerSecond, (usage.outputTokens / decodeMs) * 1000);
      }
    }
    for (const { backend } of event.failedAttempts) attempts.set(backend, (attempts.get(backend) ?? 0) + 1);
  };

  return {
    report,
    total: () => all,
    backend: (id) => backends.get(id) ?? empty(),
    pair: (id, upstream) => pairs.get(`${id}\n${upstream}`) ?? empty(),
    failedAttempts: (id) => attempts.get(id) ?? 0,
  };
};
