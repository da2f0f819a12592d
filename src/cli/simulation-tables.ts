/** The tables of `simulate`: a row per policy, and how busy each host was under each of them. */

import type { Percentiles, Summary } from '../simulation/summary.ts';
import { table } from './table.ts';

const seconds = (durationMs: number): string =>
  Number.isFinite(durationMs) ? (durationMs / 1000).toFixed(durationMs < 10_000 ? 2 : 1) : 'never';

const three = ({ p50, p95, p99 }: Percentiles): readonly string[] => [
  seconds(p50),
  seconds(p95),
  seconds(p99),
];

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const titles = [
  'POLICY',
  'FIRST p50',
  'p95',
  'p99',
  'DONE p50',
  'p95',
  'p99',
  'WAIT p95',
  'TOKENS/S',
  'LOADS',
  'EVICTED',
  'FAILED',
  'PREFIX',
  'NOTE',
];

const rowOf = (summary: Summary): readonly string[] => [
  summary.policy,
  ...three(summary.firstTokenMs),
  ...three(summary.completionMs),
  seconds(summary.queueMs.p95),
  summary.tokensPerSecond.toFixed(0),
  String(summary.loads),
  String(summary.evictions),
  String(summary.failed),
  summary.prefixHits === undefined ? '-' : percent(summary.prefixHits),
  summary.diverges ? 'the queue never stops growing' : '',
];

/** Times in seconds. */
export const policyTable = (summaries: readonly Summary[]): string =>
  `seconds to the first token, to the end, in Pointsman's queue\n${table(titles, summaries.map(rowOf))}\n`;

/** The share of each host's slots that was in use. */
export const hostTable = (summaries: readonly Summary[]): string => {
  const [first] = summaries;
  const hosts = first?.hosts.map(({ id }) => id) ?? [];
  const rows = summaries.map(({ policy, hosts: busy }) => [
    policy,
    ...hosts.map((host) => percent(busy.find(({ id }) => id === host)?.utilisation ?? 0)),
  ]);
  return `use of each host's slots\n${table(['POLICY', ...hosts], rows)}`;
};
