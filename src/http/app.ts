/** The application: front door, keys, routes of every dialect, own pages. The only folder that knows Hono. */

import { Hono } from 'hono';
import { parseListen } from '../config/listen.ts';
import { isLocalHost, isLoopbackHost } from '../config/local-host.ts';
import type { Config } from '../config/schema.ts';
import { toSettings } from '../config/settings.ts';
import type { FeedbackLog } from '../gateway/feedback.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { keysShown } from '../gateway/host-keys.ts';
import { internalError } from '../gateway/internal-error.ts';
import { portsWith } from '../gateway/native-ports.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import { version } from '../spec/version.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { StateStore } from '../state/store.ts';
import type { Report } from '../telemetry/events.ts';
import type { LiveGauges, StateGauges } from '../telemetry/gauges.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createStatistics } from '../telemetry/statistics.ts';
import { registerAutoPages } from './auto-pages.ts';
import {
  type AppEnvironment,
  type Connection,
  type Exchange,
  errorResponse,
  isGeminiPath,
  principalOf,
} from './exchange.ts';
import { type FrontDeps, inferenceHandlers, type RequestLimits, registerFronts } from './front.ts';
import { createFrontDoor, type FrontDoor } from './front-door.ts';
import { createKeys, type Keys } from './keys.ts';
import { namedHandlers } from './named-handlers.ts';
import { registerOwnPages } from './own-pages.ts';
import { registerPlacementPages } from './placement-pages.ts';
import { rawHandlers } from './raw-front.ts';
import { registerResidencyPages } from './residency-pages.ts';
import { methodsOf } from './route-methods.ts';
import { pathOf, queryMember, routedPath } from './routed-path.ts';
import { registerStatePages } from './state-pages.ts';
import { registerStoredResponsePages } from './stored-response-pages.ts';

export interface AppOptions {
  readonly ports?: Partial<Ports>;
  /** This host's name, accepted in `Host`. */
  readonly hostname?: string;
  /** Backends that are simulated, by id. */
  readonly simulated?: ReadonlySet<string>;
  /** Where instances share what they learn, in place of what the configuration names. */
  readonly store?: StateStore;
  /** Where log lines go; none are written without it. */
  readonly writeLog?: (line: string) => void;
  /** Where feedback is kept, as JSON without a line end; none is taken without it. */
  readonly writeFeedback?: (path: string, line: string, maxBytes: number) => void;
}

export interface PointsmanApp {
  /** Answers one request; mountable wherever fetch handlers are. */
  fetch(request: Request, connection?: Connection): Response | Promise<Response>;
  /** Takes a new configuration without dropping a stream. */
  apply(config: Config): void;
  drain(timeoutMs: number): Promise<void>;
  /** Ends the probe loops, so that a process can end. */
  stop(): void;
  readonly gateway: Gateway;
}

const stateGauges = ({ cluster }: Gateway): StateGauges | undefined => {
  const state = cluster.state();
  if (state === undefined) return undefined;
  const { attachment, instances, ignored } = state;
  return { attached: attachment.state === 'attached', failures: attachment.failures, instances, ignored };
};

const liveGauges = (gateway: Gateway, now: Millis): LiveGauges => ({
  queueDepth: gateway.slots.waiting(),
  state: stateGauges(gateway),
  backends: gateway.fleet.hosts().map(({ backend, health, inflight, slots, cards, keys }) => {
    const loaded = [...cards.values()].filter((card) => card.loaded !== undefined);
    return {
      backend: backend.options.id,
      up: health.state === 'up',
      inflight,
      slots,
      vramBytes: loaded.reduce((sum, card) => sum + (card.loaded?.sizeVramBytes ?? 0), 0),
      loadedModels: loaded.map(({ name }) => name),
      keys: keysShown(keys, now).map(({ key, state }) => ({ key, usable: state === 'usable' })),
    };
  }),
});

const incomingId = /^[\w.:-]{1,128}$/;

/** Everything of a configuration the front door reads, rebuilt as a whole when it changes. */
interface Entrance {
  readonly config: Config;
  readonly door: FrontDoor;
  readonly keys: Keys;
  readonly limits: RequestLimits;
}

const entranceOf = (config: Config, hostname: string | undefined): Entrance => ({
  config,
  door: createFrontDoor({
    allowedHosts: [
      ...config.http.allowedHosts,
      ...(hostname === undefined ? [] : [hostname, `${hostname}.local`]),
    ],
    allowedOrigins: config.http.allowedOrigins,
    beyondLoopback: !isLoopbackHost(parseListen(config.listen)?.hostname ?? ''),
  }),
  keys: createKeys(config.auth.keys, config.auth.basic ? 'accepted' : 'refused'),
  limits: {
    maxBytes: config.http.maxBodyBytes,
    maxDepth: config.http.maxDepth,
    compressed: config.http.compressedBodies ? 'accepted' : 'refused',
  },
});

const exposed =
  'x-request-id, x-pointsman-backend, x-pointsman-model, x-pointsman-attempts, x-pointsman-reason, x-pointsman-queue-ms, x-pointsman-overhead-ms, x-pointsman-dropped';

const allowOrigin = async (answered: Response | Promise<Response>, origin: string): Promise<Response> => {
  const response = await answered;
  response.headers.set('access-control-allow-origin', origin);
  response.headers.append('vary', 'origin');
  response.headers.set('access-control-expose-headers', exposed);
  return response;
};

/** Where Anthropic's clients look for the id, beside the header that all answers have. */
const nameForAnthropic = async (
  answered: Response | Promise<Response>,
  requestId: string,
): Promise<Response> => {
  const response = await answered;
  response.headers.set('request-id', requestId);
  return response;
};

const preflight = (origin: string, headers: Headers): Response =>
  new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
      'access-control-allow-headers': headers.get('access-control-request-headers') ?? '',
      'access-control-max-age': '600',
      vary: 'origin',
    },
  });

/** Builds the application over one configuration; `ports` default to what the runtime has. */
export const createApp = (config: Config, options: AppOptions = {}): PointsmanApp => {
  const ports = portsWith(options.ports ?? {});
  const simulated = options.simulated ?? new Set<string>();
  let entrance = entranceOf(config, options.hostname);

  const statistics = createStatistics(ports.clock.wallMs);
  const sinks: Report[] = [statistics.report];
  const report: Report = (event) => {
    for (const sink of sinks) sink(event);
  };
  const feedbackLog = (): FeedbackLog | undefined => {
    const { path, prompts, maxBytes } = entrance.config.auto.feedback;
    const { writeFeedback } = options;
    if (path === undefined || writeFeedback === undefined) return undefined;
    return { prompts, write: (entry) => writeFeedback(path, JSON.stringify(entry), maxBytes) };
  };
  const gateway = createGateway(toSettings(config, simulated), ports, report, {
    hostname: options.hostname,
    feedbackLog,
    store: options.store,
    zoneOf: (url) => (isLocalHost(new URL(url).hostname) ? 'local' : 'cloud'),
  });
  const metrics = createMetrics(version, () => liveGauges(gateway, ports.clock.now()));
  sinks.push(metrics.report);
  if (options.writeLog !== undefined)
    sinks.push(createLog(ports.clock, () => entrance.config.log, options.writeLog));

  const app = new Hono<AppEnvironment>({ getPath: (_request, { env } = {}) => (env as Exchange).path });
  const fronts: FrontDeps = { gateway, ports, limits: () => entrance.limits, report };
  const inference = new Map([...inferenceHandlers(fronts), ...rawHandlers(fronts)]);
  const named = namedHandlers(fronts);
  registerFronts(app, fronts);
  registerOwnPages(app, { gateway, metrics, statistics });
  registerPlacementPages(app, fronts);
  registerResidencyPages(app, fronts);
  registerStatePages(app, fronts);
  registerAutoPages(app, fronts);
  registerStoredResponsePages(app, fronts);
  app.notFound(({ env, req }) => {
    principalOf(env);
    const allow = methodsOf(env.path);
    if (allow.length === 0) throw new GatewayError('not_found', 'there is no such path here');
    throw new GatewayError('method_not_allowed', `this path takes ${allow.join(', ')}, not ${req.method}`, {
      allow,
    });
  });
  app.onError((error, { env }) => errorResponse(internalError(error, env.requestId, report), env));

  const answer = (request: Request, exchange: Exchange): Response | Promise<Response> => {
    const { path, requestId } = exchange;
    const handler = request.method === 'POST' ? (inference.get(path) ?? named(path)) : undefined;
    const answered = handler === undefined ? app.fetch(request, exchange) : handler(request, exchange);
    return path.startsWith('/v1/messages') ? nameForAnthropic(answered, requestId) : answered;
  };

  /** An application that mounts this one passes its own bindings in the place of a connection. */
  const asConnection = (given: Connection | undefined): Connection | undefined =>
    typeof given?.liftTimeout === 'function' ? given : undefined;

  const serve = (request: Request, given?: Connection): Response | Promise<Response> => {
    const connection = asConnection(given);
    const { door, keys } = entrance;
    const { headers } = request;
    const incoming = headers.get('x-request-id');
    const requestId = incoming !== null && incomingId.test(incoming) ? incoming : ports.ids();
    const raw = pathOf(request.url);
    let origin: string | null;
    try {
      origin = door.check(raw, headers);
    } catch (error) {
      return errorResponse(internalError(error, requestId, report), { path: raw, requestId, headers });
    }
    const { path, key } = routedPath(raw, keys);
    const queryKey = isGeminiPath(path) ? queryMember(request.url, 'key') : undefined;
    const exchange: Exchange = { connection, path, requestId, pathKey: key, queryKey, headers, origin, keys };
    if (origin === null) return answer(request, exchange);
    return request.method === 'OPTIONS'
      ? preflight(origin, headers)
      : allowOrigin(answer(request, exchange), origin);
  };

  gateway.discovery.start();
  return {
    fetch: serve,
    apply: (next) => {
      entrance = entranceOf(next, options.hostname);
      gateway.apply(toSettings(next, simulated));
    },
    drain: (timeoutMs) => gateway.drain(timeoutMs),
    stop: () => gateway.stop(),
    gateway,
  };
};
