/** Prometheus metrics from the events and from what is asked at scrape time. Imports spec and prom-client. */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Report, RequestSettled } from './events.ts';

/** What is true now of one backend, asked only when somebody scrapes. */
export interface BackendGauges {
  readonly backend: BackendId;
  readonly up: boolean;
  readonly inflight: number;
  readonly slots: number;
  readonly vramBytes: number;
  readonly loadedModels: readonly string[];
}

export interface LiveGauges {
  readonly backends: readonly BackendGauges[];
  readonly queueDepth: number;
}

export interface Metrics {
  readonly report: Report;
  /** The exposition text. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A client can name any model; beyond this many names they count as one. */
const maxModelNames = 1000;

/** First tokens come in milliseconds from a warm GPU and in minutes from a cold CPU host. */
const firstTokenBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const perTokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const seconds = (durationMs: Millis): number => durationMs / 1000;

const boundedNames = (): ((model: string) => string) => {
  const known = new Set<string>();
  return (model) => {
    if (known.has(model)) return model;
    if (known.size >= maxModelNames) return 'other';
    known.add(model);
    return model;
  };
};

/** Keeps the counts of one instance. */
export const createMetrics = (version: string, live: () => LiveGauges): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['backend', 'model'] as const;
  const requests = new Counter({
    name: 'pointsman_requests_total',
    help: 'Requests by how they ended.',
    labelNames: [...labelNames, 'endpoint', 'code'] as const,
    registers,
  });
  const errors = new Counter({
    name: 'pointsman_errors_total',
    help: 'Requests that ended in an error, before or after content.',
    labelNames: [...labelNames, 'code'] as const,
    registers,
  });
  const failovers = new Counter({
    name: 'pointsman_failovers_total',
    help: 'Attempts that gave no content and sent the request on.',
    labelNames: ['from', 'reason'] as const,
    registers,
  });
  const duration = new Histogram({
    name: 'pointsman_request_duration_seconds',
    help: 'From arrival to the end of the answer.',
    labelNames,
    buckets: durationBuckets,
    registers,
  });
  const firstToken = new Histogram({
    name: 'pointsman_ttft_seconds',
    help: 'From arrival to the first content.',
    labelNames,
    buckets: firstTokenBuckets,
    registers,
  });
  const perToken = new Histogram({
    name: 'pointsman_time_per_output_token_seconds',
    help: 'Mean gap between output tokens of a stream.',
    labelNames,
    buckets: perTokenBuckets,
    registers,
  });
  const queueWait = new Histogram({
    name: 'pointsman_queue_wait_seconds',
    help: 'Time spent waiting for a slot.',
    buckets: firstTokenBuckets,
    registers,
  });
  const tokens = new Counter({
    name: 'pointsman_tokens_total',
    help: 'Tokens as the engines report them.',
    labelNames: [...labelNames, 'type'] as const,
    registers,
  });
  const up = new Gauge({
    name: 'pointsman_backend_up',
    help: '1 when the backend answers.',
    labelNames: ['backend'],
    registers,
  });
  const inflight = new Gauge({
    name: 'pointsman_inflight',
    help: 'Requests running on a backend.',
    labelNames: ['backend'],
    registers,
  });
  const slots = new Gauge({
    name: 'pointsman_slots',
    help: 'Requests a backend is given at once.',
    labelNames: ['backend'],
    registers,
  });
  const vram = new Gauge({
    name: 'pointsman_backend_vram_bytes',
    help: 'GPU memory of the loaded models.',
    labelNames: ['backend'],
    registers,
  });
  const loaded = new Gauge({
    name: 'pointsman_model_loaded',
    help: '1 for each model in memory.',
    labelNames,
    registers,
  });
  const depth = new Gauge({ name: 'pointsman_queue_depth', help: 'Requests waiting for a slot.', registers });
  new Gauge({
    name: 'pointsman_build_info',
    help: 'The version that runs.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const named = boundedNames();

  const settled = (event: RequestSettled): void => {
    const { backend = '', usage, firstContentMs } = event;
    const labels = { backend, model: backend === '' ? '' : named(event.upstream ?? event.model) };
    requests.inc({ ...labels, endpoint: event.operation, code: event.code });
    duration.observe(labels, seconds(event.durationMs));
    queueWait.observe(seconds(event.queueMs));
    if (event.outcome !== 'done' && event.outcome !== 'canceled') errors.inc({ ...labels, code: event.code });
    for (const attempt of event.failedAttempts)
      failovers.inc({ from: attempt.backend, reason: attempt.class });
    if (firstContentMs !== undefined) {
      firstToken.observe(labels, seconds(firstContentMs));
      const gaps = (usage?.outputTokens ?? 0) - 1;
      if (event.stream && gaps > 0)
        perToken.observe(labels, seconds(event.durationMs - firstContentMs) / gaps);
    }
    if (usage?.inputTokens !== undefined) tokens.inc({ ...labels, type: 'input' }, usage.inputTokens);
    if (usage?.outputTokens !== undefined) tokens.inc({ ...labels, type: 'output' }, usage.outputTokens);
  };

  const refreshGauges = (): void => {
    const now = live();
    loaded.reset();
    for (const each of now.backends) {
      const { backend } = each;
      up.set({ backend }, each.up ? 1 : 0);
      inflight.set({ backend }, each.inflight);
      slots.set({ backend }, each.slots);
      vram.set({ backend }, each.vramBytes);
      for (const model of each.loadedModels) loaded.set({ backend, model }, 1);
    }
    depth.set(now.queueDepth);
  };

  return {
    report: (event) => {
      if (event.type === 'request') settled(event);
    },
    render: () => {
      refreshGauges();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
};
