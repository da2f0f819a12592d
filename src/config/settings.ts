/** From configuration to what the gateway is told. Imports backends and spec. */

import { backendKinds } from '../backends/registry.ts';
import type {
  BackendOptions,
  DeclaredCard,
  DeclaredModel,
  GatewaySettings,
  KeepAliveSettings,
  LimitedKey,
  ModelSettings,
  StateSettings,
} from '../spec/settings.ts';
import type { Lane, Zone } from '../spec/vocabulary.ts';
import { autoSettings } from './auto-settings.ts';
import { normalisedUrl } from './backend-url.ts';
import { isLocalHost } from './local-host.ts';
import type { BackendConfig, Config, ModelConfig } from './schema.ts';

const zoneOf = (url: string, lane: Lane): Zone =>
  lane !== 'cloud' && isLocalHost(new URL(url).hostname) ? 'local' : 'cloud';

const stayIn = ({ minMs, maxMs }: NonNullable<BackendConfig['keepAlive']>): KeepAliveSettings => ({
  ...(minMs === undefined ? {} : { minMs }),
  ...(maxMs === undefined ? {} : { maxMs }),
});

const declared = ([name, { capabilities, contextTokens }]: readonly [
  string,
  NonNullable<BackendConfig['models']>[string],
]): DeclaredModel => ({
  name,
  ...(capabilities === undefined ? {} : { capabilities }),
  ...(contextTokens === undefined ? {} : { contextTokens }),
});

const backendOptions = (id: string, backend: BackendConfig, simulated: boolean): BackendOptions => {
  const { kind, url, preset, slots, priority, headers, region, weight, price, keepAlive, preload } = backend;
  const { apiKey, apiKeys = [], apiVersion, models, quirks } = backend;
  const keys = [apiKey ?? '', ...apiKeys].filter((key) => key !== '');
  const [firstKey] = keys;
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
    ...(firstKey === undefined ? {} : { apiKey: firstKey }),
    ...(keys.length < 2 ? {} : { apiKeys: keys }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(headers === undefined ? {} : { headers }),
    simulated,
    ...(region === undefined ? {} : { region }),
    ...(weight === undefined ? {} : { weight }),
    ...(price === undefined
      ? {}
      : { price: { inputPerMillion: price.inputPerMillion, outputPerMillion: price.outputPerMillion } }),
    ...(keepAlive === undefined ? {} : { keepAlive: stayIn(keepAlive) }),
    ...(preload === undefined ? {} : { preload }),
    ...(quirks === undefined ? {} : { quirks }),
    ...(models === undefined ? {} : { models: Object.entries(models).map(declared) }),
  };
};

const declaredCard = (card: NonNullable<ModelConfig['card']>): DeclaredCard => {
  const { contextTokens, capabilities, parameterSize, tokensPerSecond, price } = card;
  return {
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(parameterSize === undefined ? {} : { parameterSize }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(price === undefined
      ? {}
      : { price: { inputPerMillion: price.inputPerMillion, outputPerMillion: price.outputPerMillion } }),
  };
};

const modelSettings = (name: string, model: ModelConfig, general: Config['context']): ModelSettings => {
  const { aliases, names, strategy, preferred, localOnly, context, quirks, card } = model;
  return {
    name,
    aliases,
    names,
    ...(strategy === undefined ? {} : { strategy }),
    ...(preferred === undefined ? {} : { preferred }),
    localOnly,
    ...(quirks === undefined ? {} : { quirks }),
    context: {
      ...(context?.tokens === undefined ? {} : { tokens: context.tokens }),
      buckets: context?.buckets ?? general.buckets,
      allowedOptions: context?.allowedOptions ?? general.allowedOptions,
    },
    ...(card === undefined ? {} : { card: declaredCard(card) }),
  };
};

const stateSettings = ({
  findPeers,
  peerKey,
  driver,
  url,
  path,
  ca,
  key,
  secret,
  instance,
  advertise,
}: Config['state']): StateSettings => ({
  driver,
  ...(url === undefined ? {} : { url }),
  ...(path === undefined ? {} : { path }),
  ...(ca === undefined ? {} : { ca }),
  ...(key === undefined ? {} : { key }),
  ...(secret === undefined ? {} : { secret }),
  ...(instance === undefined ? {} : { instance }),
  ...(advertise === undefined ? {} : { advertise }),
  findPeers,
  ...(peerKey === undefined ? {} : { peerKey }),
});

const limitedKeys = ({ auth }: Config): readonly LimitedKey[] =>
  auth.keys.flatMap(({ name, limits: { requestsPerMinute, tokensPerMinute } = {} }) =>
    requestsPerMinute === undefined && tokensPerMinute === undefined
      ? []
      : {
          name,
          ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
          ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
        },
  );

/** Fills in what depends on kind and host; `simulated` holds the ids of backends that are simulations. */
export const toSettings = (config: Config, simulated: ReadonlySet<string>): GatewaySettings => {
  const { timeouts, heartbeat, queue, probe, breaker, limits, region, retryBudget, responses } = config;
  return {
    backends: Object.entries(config.backends).map(([id, backend]) =>
      backendOptions(id, backend, simulated.has(id)),
    ),
    models: Object.entries(config.models).map(([name, model]) => modelSettings(name, model, config.context)),
    strategy: config.strategy,
    weights: config.weights,
    limits: {
      ...(limits.maxFirstTokenMs === undefined ? {} : { maxFirstTokenMs: limits.maxFirstTokenMs }),
      ...(limits.minReliability === undefined ? {} : { minReliability: limits.minReliability }),
    },
    ...(region === undefined ? {} : { region }),
    mode: config.mode,
    requests: { policy: config.requests.policy, intentSuffixes: config.requests.intentSuffixes },
    affinity: { sessions: config.affinity.sessions, prefixes: config.affinity.prefixes },
    context: { buckets: config.context.buckets, allowedOptions: config.context.allowedOptions },
    retryBudget: {
      tokens: retryBudget.tokens,
      perRequest: retryBudget.perRequest,
      perSecond: retryBudget.perSecond,
    },
    decisions: { keep: config.decisions.keep },
    responses: {
      maxBytes: responses.maxBytes,
      maxKeyBytes: responses.maxKeyBytes,
      keepMs: responses.keepMs,
    },
    egress: { images: config.egress.images },
    maxAttempts: config.maxAttempts,
    timeouts: {
      headersMs: timeouts.headersMs,
      firstContentMs: timeouts.firstContentMs,
      betweenChunksMs: timeouts.betweenChunksMs,
      totalMs: timeouts.totalMs,
    },
    heartbeat: { afterMs: heartbeat.afterMs, everyMs: heartbeat.everyMs },
    queue: {
      maxRequests: queue.maxRequests,
      maxBodyBytes: queue.maxBodyBytes,
      maxWaitMs: queue.maxWaitMs,
      maxBatchWaitMs: queue.maxBatchWaitMs,
      keyShare: queue.keyShare,
      interactiveShare: queue.interactiveShare,
    },
    probe: { intervalMs: probe.intervalMs, timeoutMs: probe.timeoutMs },
    limitedKeys: limitedKeys(config),
    auto: autoSettings(config.auto),
    breaker: { failures: breaker.failures, openMs: breaker.openMs, maxOpenMs: breaker.maxOpenMs },
    state: stateSettings(config.state),
  };
};
