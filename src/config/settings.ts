/** From configuration to what the gateway is told. Imports backends and spec. */

import { backendKinds } from '../backends/registry.ts';
import type { BackendOptions, GatewaySettings } from '../spec/settings.ts';
import type { Lane, Zone } from '../spec/vocabulary.ts';
import { normalisedUrl } from './backend-url.ts';
import { isLocalHost } from './local-host.ts';
import type { BackendConfig, Config } from './schema.ts';

const zoneOf = (url: string, lane: Lane): Zone =>
  lane !== 'cloud' && isLocalHost(new URL(url).hostname) ? 'local' : 'cloud';

const backendOptions = (id: string, backend: BackendConfig, simulated: boolean): BackendOptions => {
  const { kind, url, preset, slots, priority, apiKey, headers } = backend;
  const lane = backend.lane ?? backendKinds.find((known) => known.kind === kind)?.lane ?? 'gpu';
  return {
    id,
    kind,
    url: normalisedUrl(url),
    ...(preset === undefined ? {} : { preset }),
    lane,
    zone: backend.zone ?? zoneOf(url, lane),
    ...(slots === undefined ? {} : { slots }),
    priority,
    ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
    ...(headers === undefined ? {} : { headers }),
    simulated,
  };
};

/** Fills in what depends on kind and host; `simulated` holds the ids of backends that are simulations. */
export const toSettings = (config: Config, simulated: ReadonlySet<string>): GatewaySettings => {
  const { timeouts, heartbeat, queue, probe, breaker } = config;
  return {
    backends: Object.entries(config.backends).map(([id, backend]) =>
      backendOptions(id, backend, simulated.has(id)),
    ),
    models: Object.entries(config.models).map(([name, { aliases, names }]) => ({ name, aliases, names })),
    strategy: config.strategy,
    maxAttempts: config.maxAttempts,
    timeouts: {
      headersMs: timeouts.headersMs,
      firstContentMs: timeouts.firstContentMs,
      betweenChunksMs: timeouts.betweenChunksMs,
      totalMs: timeouts.totalMs,
    },
    heartbeat: { afterMs: heartbeat.afterMs, everyMs: heartbeat.everyMs },
    queue: { maxRequests: queue.maxRequests, maxBodyBytes: queue.maxBodyBytes, maxWaitMs: queue.maxWaitMs },
    probe: { intervalMs: probe.intervalMs, timeoutMs: probe.timeoutMs },
    breaker: { failures: breaker.failures, openMs: breaker.openMs, maxOpenMs: breaker.maxOpenMs },
  };
};
