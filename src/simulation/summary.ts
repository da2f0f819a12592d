/** From the records of runs to the figures people compare. Pure. */

import type { Millis } from '../spec/vocabulary.ts';
import type { RequestRecord, RunResult } from './run.ts';

/** Three points of a distribution; Infinity where so many never came. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface HostSummary {
  readonly id: string;
  readonly requests: number;
  /** The share of its slots' time that was used. */
  readonly utilisation: number;
  readonly loads: number;
  readonly evictions: number;
}

export interface Summary {
  readonly policy: string;
  readonly requests: number;
  readonly done: number;
  /** Refused, cut or never ended; a caller who left by himself is none of these. */
  readonly failed: number;
  readonly left: number;
  readonly firstTokenMs: Percentiles;
  readonly completionMs: Percentiles;
  readonly queueMs: Percentiles;
  readonly tokensPerSecond: number;
  readonly loads: number;
  readonly evictions: number;
  /** Of the turns after the first, those whose conversation was still remembered where they went. */
  readonly prefixHits: number | undefined;
  /** The wait grew as long as requests came: the policy does not carry this load. */
  readonly diverges: boolean;
  readonly hosts: readonly HostSummary[];
  readonly traceHash: string;
}

const nth = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0;

/** The least value that at least this share of all values does not exceed. */
export const percentile = (values: readonly number[], share: number): number =>
  nth(
    values.toSorted((left, right) => left - right),
    share,
  );

const percentiles = (values: readonly number[]): Percentiles => {
  const sorted = values.toSorted((left, right) => left - right);
  return { p50: nth(sorted, 0.5), p95: nth(sorted, 0.95), p99: nth(sorted, 0.99) };
};

const failed = ({ end }: RequestRecord): boolean => end !== 'done' && end !== 'left';

/** Who was turned away waits for ever: a policy must not look quick because it serves fewer. */
export const firstTokenTimes = (requests: readonly RequestRecord[]): readonly Millis[] =>
  requests
    .filter(({ end }) => end !== 'left')
    .map(({ end, firstContentMs }) => (end === 'done' ? (firstContentMs ?? Infinity) : Infinity));

/** A prefix counts as found when this much of what had been said before needed no reading. */
const foundShare = 0.9;

const prefixHits = (requests: readonly RequestRecord[]): number | undefined => {
  const before = new Map<string, number>();
  let turns = 0;
  let hits = 0;
  for (const { id, turn, promptTokens, cachedTokens, end } of requests) {
    const conversation = id.split('.')[0] ?? '';
    const known = before.get(conversation);
    before.set(conversation, promptTokens);
    if (turn === 0 || known === undefined || end !== 'done') continue;
    turns += 1;
    if (cachedTokens >= known * foundShare) hits += 1;
  }
  return turns === 0 ? undefined : hits / turns;
};

/** Below this a wait is noise, however much it grew. */
const tolerableMs = 60_000;
const growth = 3;

/** Whether the last quarter waited many times longer than the second; the first still loads models. */
const diverges = (requests: readonly RequestRecord[]): boolean => {
  const times = firstTokenTimes(requests.toSorted((left, right) => left.sentAt - right.sentAt));
  const quarter = Math.floor(times.length / 4);
  const second = percentile(times.slice(quarter, 2 * quarter), 0.5);
  const last = percentile(times.slice(3 * quarter), 0.5);
  return last > tolerableMs && last > growth * second;
};

/** The figures of one run. */
export const summarise = ({ label, requests, hosts, endedAt, traceHash }: RunResult): Summary => {
  const finished = requests.filter(({ end }) => end === 'done');
  const completion = requests
    .filter(({ end }) => end !== 'left')
    .map(({ end, totalMs }) => (end === 'done' ? totalMs : Infinity));
  const decoded = hosts.reduce((sum, { decodedTokens }) => sum + decodedTokens, 0);
  return {
    policy: label,
    requests: requests.length,
    done: finished.length,
    failed: requests.filter(failed).length,
    left: requests.filter(({ end }) => end === 'left').length,
    firstTokenMs: percentiles(firstTokenTimes(requests)),
    completionMs: percentiles(completion),
    queueMs: percentiles(requests.map(({ queueMs }) => queueMs)),
    tokensPerSecond: endedAt > 0 ? (decoded * 1000) / endedAt : 0,
    loads: hosts.reduce((sum, { stats }) => sum + stats.loads, 0),
    evictions: hosts.reduce((sum, { stats }) => sum + stats.evictions, 0),
    prefixHits: prefixHits(requests),
    diverges: diverges(requests),
    hosts: hosts.map(({ id, slots, busyMs, runs, stats }) => ({
      id,
      requests: runs,
      utilisation: endedAt > 0 ? busyMs / (slots * endedAt) : 0,
      loads: stats.loads,
      evictions: stats.evictions,
    })),
    traceHash,
  };
};
