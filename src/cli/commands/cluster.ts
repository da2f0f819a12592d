/** `pointsman cluster`: the instances, what each does, and what each believes of each pair. */

import type {
  Belief,
  ClusterReport,
  InstanceReport,
  PairReport,
  QuotaReport,
  UseReport,
} from '../../gateway/cluster/report.ts';
import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface ClusterOptions extends InstanceOptions {
  readonly json?: boolean;
}

const seconds = (durationMs: number): string => `${Math.round(durationMs / 100) / 10} s`;

const instanceRow = (each: InstanceReport): readonly string[] => [
  each.self ? '*' : '',
  each.instance,
  each.state,
  each.self ? '-' : seconds(each.silentMs),
  String(each.inflight),
  String(each.waiting),
  String(each.loads),
  each.owns.join(', ') || '-',
];

const beliefText = ({ instance, phase, remainMs }: Belief): string =>
  `${instance}: ${phase}${remainMs > 0 ? ` ${seconds(remainMs)}` : ''}`;

const yellow = (text: string): string => `\u001b[33m${text}\u001b[0m`;

const pairRow = ({ backend, model, owner, beliefs }: PairReport): readonly string[] => [
  backend,
  model,
  owner,
  beliefs.map(beliefText).join(', '),
];

/** Lines of pairs on which instances disagree stand out where colour is wanted. */
const pairTable = (pairs: readonly PairReport[], { terminal }: Runtime): string => {
  if (pairs.length === 0) return 'nobody thinks ill of any pair\n';
  const text = table(['BACKEND', 'MODEL', 'TRIED FIRST BY', 'BELIEFS'], pairs.map(pairRow));
  const [titles = '', ...lines] = text.trimEnd().split('\n');
  const shown = lines.map((line, index) => {
    if (pairs[index]?.disagree !== true) return line;
    return terminal.color ? yellow(line) : `${line}  (they disagree)`;
  });
  return `${[titles, ...shown].join('\n')}\n`;
};

const useText = (use: UseReport | undefined): string => {
  if (use === undefined) return '-';
  const share = use.share === use.limit ? '' : ` (${use.share} here)`;
  return `${use.used} of ${use.limit}${share}`;
};

const quotaTable = (quotas: readonly QuotaReport[]): string =>
  quotas.length === 0
    ? ''
    : `\n${table(
        ['KEY', 'REQUESTS A MINUTE', 'TOKENS A MINUTE'],
        quotas.map(({ key, requests, tokens }) => [key, useText(requests), useText(tokens)]),
      )}`;

const stateLine = ({ state, driver, reason, failures, ignored }: ClusterReport): string => {
  if (state === 'alone') return 'this instance shares with nobody (state.driver is memory)\n';
  const passed = Object.entries(ignored).map(([why, count]) => `${count} ${why}`);
  return [
    `state: ${state}${reason === undefined ? '' : ` (${reason})`}, driver ${driver}, ${failures} ${failures === 1 ? 'failure' : 'failures'}`,
    passed.length === 0 ? '' : `, documents passed over: ${passed.join(', ')}`,
    '\n',
  ].join('');
};

/** Prints all of it. */
export const cluster = async (options: ClusterOptions, runtime: Runtime): Promise<void> => {
  const report = await callRunning<ClusterReport>(
    { method: 'GET', path: '/api/v1/cluster' },
    options,
    runtime,
  );
  if (options.json === true) {
    runtime.out(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const titles = ['', 'INSTANCE', 'STATE', 'SILENT', 'RUNNING', 'WAITING', 'LOADS', 'LOOKS AT'];
  runtime.out(stateLine(report));
  runtime.out(`\n${table(titles, report.instances.map(instanceRow))}`);
  runtime.out(`\n${pairTable(report.pairs, runtime)}`);
  runtime.out(quotaTable(report.quotas));
};
