import { describe, expect, test } from 'bun:test';
import type { RequestSettled } from '../../src/telemetry/events.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const settled = (changes: Partial<RequestSettled> = {}): RequestSettled => ({
  type: 'request',
  requestId: 'r',
  principal: 'anonymous',
  protocol: 'ollama',
  operation: 'chat',
  stream: true,
  model: 'm',
  backend: 'gpu',
  upstream: 'm:latest',
  outcome: 'done',
  code: '200',
  failedAttempts: [],
  queueMs: 0,
  firstContentMs: 300,
  durationMs: 2300,
  usage: { inputTokens: 10, outputTokens: 21 },
  why: 'priority',
  ...changes,
});

const live = {
  queueDepth: 3,
  backends: [{ backend: 'gpu', up: true, inflight: 2, slots: 4, vramBytes: 5, loadedModels: ['m:latest'] }],
};

const rendered = (...events: readonly RequestSettled[]): string => {
  const metrics = createMetrics('1.2.3', () => live);
  for (const event of events) metrics.report(event);
  return metrics.render();
};

describe('metrics', () => {
  test('a request counts once by how it ended, with its times and tokens', () => {
    const page = rendered(settled(), settled({ outcome: 'broken', code: 'crash' }));
    expect(page).toContain(
      'pointsman_requests_total{backend="gpu",model="m:latest",endpoint="chat",code="200"} 1',
    );
    expect(page).toContain('pointsman_errors_total{backend="gpu",model="m:latest",code="crash"} 1');
    expect(page).toContain('pointsman_tokens_total{backend="gpu",model="m:latest",type="output"} 42');
    expect(page).toContain('pointsman_ttft_seconds_bucket{backend="gpu",model="m:latest",le="0.25"} 0');
    expect(page).toContain('pointsman_ttft_seconds_bucket{backend="gpu",model="m:latest",le="0.5"} 2');
    expect(page).toContain('pointsman_ttft_seconds_bucket{backend="gpu",model="m:latest",le="+Inf"} 2');
    expect(page).toContain('pointsman_ttft_seconds_count{backend="gpu",model="m:latest"} 2');
    expect(page).toContain('pointsman_time_per_output_token_seconds_sum{backend="gpu",model="m:latest"} 0.2');
  });

  test('a client that leaves is no error', () => {
    expect(rendered(settled({ outcome: 'canceled', code: 'canceled' }))).not.toContain('errors_total{');
  });

  test('an attempt that sent the request on is a failover with its reason', () => {
    const failedAttempts = [{ backend: 'cpu', class: 'network', reason: 'refused', afterMs: 1 }];
    expect(rendered(settled({ failedAttempts }))).toContain(
      'pointsman_failovers_total{from="cpu",reason="network"} 1',
    );
  });

  test('what is true now is asked at the scrape', () => {
    const page = rendered();
    for (const line of [
      'pointsman_backend_up{backend="gpu"} 1',
      'pointsman_inflight{backend="gpu"} 2',
      'pointsman_slots{backend="gpu"} 4',
      'pointsman_model_loaded{backend="gpu",model="m:latest"} 1',
      'pointsman_queue_depth 3',
      'pointsman_build_info{version="1.2.3"} 1',
    ]) {
      expect(page).toContain(line);
    }
  });

  test('a name with quotes and line breaks cannot forge a line', () => {
    const page = rendered(settled({ upstream: 'a"} 1\nforged 2\\' }));
    expect(page).toContain('model="a\\"} 1\\nforged 2\\\\"');
    expect(page).not.toMatch(/^forged/m);
  });

  test('a thousand names of models and no more', () => {
    const page = rendered(...Array.from({ length: 3000 }, (_, index) => settled({ upstream: `m${index}` })));
    const series = page.match(/^pointsman_tokens_total\{.*type="input"\}/gm)?.length ?? 0;
    expect(series).toBeLessThanOrEqual(1001);
    expect(page).toContain('model="other"');
  });

  test('every line is a comment, empty, or a name with labels and a number', () => {
    for (const line of rendered(settled()).split('\n')) {
      expect(line).toMatch(/^(#.*|[a-z_]+(\{[^}]*\})? -?[\d.e+-]+|)$/);
    }
  });
});
