/** Prometheus metrics from the events and from what is asked at scrape time. Imports spec. */

import type { Millis, Work } from '../spec/vocabulary.ts';
import type { Report, RequestSettled } from './events.ts';
import {
  exposition,
  expositionContentType,
  family,
  labelText,
  type MetricFamily,
  type Sample,
} from './exposition.ts';
import { gaugeFamilies, type LiveGauges, stateFamilies } from './gauges.ts';
import { createHistogram, type Histogram } from './histogram.ts';

export interface Metrics {
  readonly report: Report;
  /** The exposition text. */
  render(): string;
  readonly contentType: string;
}

/** A client can name any model; beyond this many names they count as one. */
const maxModelNames = 1000;

/** First tokens come in milliseconds from a warm GPU and in minutes from a cold CPU host. */
const firstTokenBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const perTokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const seconds = (durationMs: Millis): number => durationMs / 1000;

/** Everything counted of one backend and model; found by one look-up per request, with its labels already text. */
interface Series {
  readonly labels: string;
  /** By operation and code. */
  readonly requests: Partial<Record<Work, Map<string, number>>>;
  readonly errors: Map<string, number>;
  readonly duration: Histogram;
  readonly firstToken: Histogram;
  readonly perToken: Histogram;
  inputTokens: number;
  outputTokens: number;
}

const newSeries = (backend: string, model: string): Series => ({
  labels: labelText({ backend, model }),
  requests: {},
  errors: new Map(),
  duration: createHistogram(durationBuckets),
  firstToken: createHistogram(firstTokenBuckets),
  perToken: createHistogram(perTokenBuckets),
  inputTokens: 0,
  outputTokens: 0,
});

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const count = (series: Series, event: RequestSettled): void => {
  const { usage, firstContentMs, durationMs } = event;
  series.requests[event.operation] ??= new Map();
  increment(series.requests[event.operation] ?? new Map(), event.code);
  series.duration.observe(seconds(durationMs));
  if (event.outcome !== 'done' && event.outcome !== 'canceled') increment(series.errors, event.code);
  series.inputTokens += usage?.inputTokens ?? 0;
  series.outputTokens += usage?.outputTokens ?? 0;
  if (firstContentMs === undefined) return;
  series.firstToken.observe(seconds(firstContentMs));
  const gaps = (usage?.outputTokens ?? 0) - 1;
  if (event.stream && gaps > 0) series.perToken.observe(seconds(durationMs - firstContentMs) / gaps);
};

const counterFamilies = (all: readonly Series[]): readonly MetricFamily[] => {
  const joined = (series: Series, more: string): string => `${series.labels},${more}`;
  const each = (read: (series: Series) => readonly Sample[]): readonly Sample[] => all.flatMap(read);
  return [
    family(
      'counter',
      'pointsman_requests_total',
      'Requests by how they ended.',
      each((series) =>
        Object.entries(series.requests).flatMap(([endpoint, codes]) =>
          [...codes].map(([code, value]) => ({
            labels: joined(series, labelText({ endpoint, code })),
            value,
          })),
        ),
      ),
    ),
    family(
      'counter',
      'pointsman_errors_total',
      'Requests that ended in an error, before or after content.',
      each((series) =>
        [...series.errors].map(([code, value]) => ({ labels: joined(series, labelText({ code })), value })),
      ),
    ),
    family(
      'counter',
      'pointsman_tokens_total',
      'Tokens as the engines report them.',
      each((series) => [
        { labels: joined(series, 'type="input"'), value: series.inputTokens },
        { labels: joined(series, 'type="output"'), value: series.outputTokens },
      ]),
    ),
    family(
      'histogram',
      'pointsman_request_duration_seconds',
      'From arrival to the end of the answer.',
      each((series) => series.duration.samples(series.labels)),
    ),
    family(
      'histogram',
      'pointsman_ttft_seconds',
      'From arrival to the first content.',
      each((series) => series.firstToken.samples(series.labels)),
    ),
    family(
      'histogram',
      'pointsman_time_per_output_token_seconds',
      'Mean gap between output tokens of a stream.',
      each((series) => series.perToken.samples(series.labels)),
    ),
  ];
};

/** Keeps the counts of one instance. */
export const createMetrics = (version: string, live: () => LiveGauges): Metrics => {
  const byBackend = new Map<string, Map<string, Series>>();
  const all: Series[] = [];
  let other: Series | undefined;
  const failovers = new Map<string, number>();
  const chosen = new Map<string, number>();
  const keyChanges = new Map<string, number>();
  const loads = new Map<string, number>();
  const modeSwitches = new Map<string, number>();
  const quotas = new Map<string, number>();
  const queueWait = createHistogram(firstTokenBuckets);

  const seriesOf = ({ backend = '', upstream, model }: RequestSettled): Series => {
    const named = backend === '' ? '' : (upstream ?? model);
    const known = byBackend.get(backend)?.get(named);
    if (known !== undefined) return known;
    if (all.length >= maxModelNames) {
      other ??= newSeries(backend, 'other');
      if (!all.includes(other)) all.push(other);
      return other;
    }
    const series = newSeries(backend, named);
    all.push(series);
    const byModel = byBackend.get(backend) ?? new Map<string, Series>();
    byBackend.set(backend, byModel.set(named, series));
    return series;
  };

  const counted = (name: string, help: string, counts: ReadonlyMap<string, number>): MetricFamily =>
    family(
      'counter',
      name,
      help,
      [...counts].map(([labels, value]) => ({ labels, value })),
    );

  return {
    report: (event) => {
      if (event.type === 'key') {
        const { backend, key, state } = event;
        increment(keyChanges, labelText({ backend, key: String(key), state }));
      }
      if (event.type === 'load') {
        const { backend, model, outcome } = event;
        increment(loads, labelText({ backend, model, outcome }));
      }
      if (event.type === 'mode') increment(modeSwitches, labelText({ mode: event.mode }));
      if (event.type !== 'request') return;
      count(seriesOf(event), event);
      if (event.quota !== undefined)
        increment(quotas, labelText({ key: event.principal, kind: event.quota }));
      queueWait.observe(seconds(event.queueMs));
      if (event.task !== undefined)
        increment(chosen, labelText({ task: event.task, tier: event.tier ?? '' }));
      for (const { backend, class: reason } of event.failedAttempts) {
        increment(failovers, labelText({ from: backend, reason }));
      }
    },
    render: () => {
      const gauges = live();
      return exposition([
        ...counterFamilies(all),
        counted(
          'pointsman_failovers_total',
          'Attempts that gave no content and sent the request on.',
          failovers,
        ),
        counted(
          'pointsman_key_changes_total',
          'Times a key of a backend was taken out, met a limit or came back.',
          keyChanges,
        ),
        counted(
          'pointsman_auto_requests_total',
          'Requests that left their model open, by kind of work and by the tier that served.',
          chosen,
        ),
        counted(
          'pointsman_quota_refused_total',
          'Requests turned away because a limit of their key was used up.',
          quotas,
        ),
        counted('pointsman_loads_total', 'Loads of models that were asked for, by how they ended.', loads),
        counted('pointsman_mode_switches_total', 'Times the mode was switched to this one.', modeSwitches),
        family(
          'histogram',
          'pointsman_queue_wait_seconds',
          'Time spent waiting for a slot.',
          queueWait.samples(''),
        ),
        ...gaugeFamilies(gauges),
        ...stateFamilies(gauges.state),
        family('gauge', 'pointsman_build_info', 'The version that runs.', [
          { labels: labelText({ version }), value: 1 },
        ]),
      ]);
    },
    contentType: expositionContentType,
  };
};
