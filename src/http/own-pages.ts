/** Pointsman's own pages: health, readiness, statistics, models by backend, metrics. */

import type { Context, Hono } from 'hono';
import type { Gateway } from '../gateway/gateway.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Scope } from '../spec/principal.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Statistics, Totals } from '../telemetry/statistics.ts';
import { type AppEnvironment, jsonResponse, principalOf } from './exchange.ts';
import { healthReport, type ModelReport, modelReport, modelReports } from './fleet-report.ts';
import { demandScope } from './keys.ts';
import { modelIn, modelPrefix } from './model-path.ts';

export interface OwnPagesDeps {
  readonly gateway: Gateway;
  readonly metrics: Metrics;
  readonly statistics: Statistics;
}

type AppContext = Context<AppEnvironment>;

type JsonPage = Readonly<Record<string, unknown>>;

/** Any of these scopes may read what an instance does; what a model is, everyone with a key may. */
const observers: readonly Scope[] = ['metrics', 'admin'];

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 100) / 100;

const shown = (totals: Readonly<Totals>) => ({
  ...totals,
  meanFirstContentMs: rounded(totals.meanFirstContentMs),
  meanTokensPerSecond: rounded(totals.meanTokensPerSecond),
  lastUsedAt: totals.lastUsedAt === undefined ? undefined : new Date(totals.lastUsedAt).toISOString(),
});

const allowed = (context: AppContext, scopes: readonly Scope[]): void =>
  demandScope(principalOf(context.env), scopes);

const registerHealth = (app: Hono<AppEnvironment>, { gateway }: OwnPagesDeps): void => {
  app.get('/livez', ({ env }) => jsonResponse({ status: 'ok' }, env.requestId));
  app.get('/readyz', ({ env }) => {
    const { status } = healthReport(gateway, 'hidden');
    const ready = status === 'ok' || status === 'degraded';
    return jsonResponse({ status: ready ? 'ready' : status }, env.requestId, ready ? 200 : 503);
  });
  app.get('/health', async ({ env }) => {
    const principal = principalOf(env);
    await gateway.discovery.settled();
    const report = healthReport(gateway, principal.scopes.has('admin') ? 'shown' : 'hidden');
    return jsonResponse(report, env.requestId, report.status === 'down' ? 503 : 200);
  });
};

const registerStatistics = (
  app: Hono<AppEnvironment>,
  { gateway, metrics, statistics }: OwnPagesDeps,
): void => {
  app.get('/stats', (context) => {
    allowed(context, observers);
    const backends = gateway.fleet.hosts().map((host) => {
      const { id } = host.backend.options;
      return {
        backend: id,
        inflight: host.inflight,
        slots: host.slots,
        failedAttempts: statistics.failedAttempts(id),
        ...shown(statistics.backend(id)),
      };
    });
    const body = {
      inflight: gateway.active.running(),
      queued: gateway.slots.waiting(),
      total: shown(statistics.total()),
      backends,
    };
    return jsonResponse(body, context.env.requestId);
  });
  app.get('/metrics', (context) => {
    allowed(context, observers);
    const headers = { 'content-type': metrics.contentType, 'x-request-id': context.env.requestId };
    return new Response(metrics.render(), { headers });
  });
};

const registerModels = (app: Hono<AppEnvironment>, { gateway, statistics }: OwnPagesDeps): void => {
  const { fleet, discovery } = gateway;
  const listed = async (context: AppContext) => {
    principalOf(context.env);
    await discovery.settled();
    return modelReports(fleet);
  };
  const known = (context: AppContext, page: string) => {
    principalOf(context.env);
    const name = modelIn(context.env.path, page);
    const report = modelReport(name, fleet);
    if (report === undefined)
      throw new GatewayError('model_not_found', `model '${name}' not found`, { param: 'model' });
    return report;
  };
  const metricsOf = (context: AppContext): JsonPage => {
    const { model, backends } = known(context, 'metrics');
    const measured = backends.map(({ backend, upstream }) => ({
      backend,
      upstream,
      ...shown(statistics.pair(backend, upstream)),
    }));
    return { model, backends: measured };
  };
  const healthOf = ({ model, available, backends }: ModelReport): JsonPage => {
    const up = backends.filter(({ state }) => state === 'up').length;
    const status = available ? (up === backends.length ? 'ok' : 'degraded') : 'down';
    return { model, status, up, backends: backends.length };
  };
  const listings: Readonly<Record<string, (models: readonly ModelReport[]) => JsonPage>> = {
    backends: (models) => ({ models }),
    available: (models) => ({
      models: models.filter(({ available }) => available).map(({ model }) => model),
    }),
    health: (models) => ({ models: models.map(healthOf) }),
  };
  // One pattern for all of them: names hold slashes, and several such patterns would cost every request a slower router.
  app.get(`${modelPrefix}:page{.+}`, async (context, next) => {
    const page = context.env.path.slice(modelPrefix.length);
    const { requestId } = context.env;
    if (Object.hasOwn(listings, page)) {
      return jsonResponse(listings[page]?.(await listed(context)), requestId);
    }
    if (page.endsWith('/status')) return jsonResponse(known(context, 'status'), requestId);
    if (page.endsWith('/metrics')) return jsonResponse(metricsOf(context), requestId);
    return await next();
  });
};

/** Registers all of them. */
export const registerOwnPages = (app: Hono<AppEnvironment>, deps: OwnPagesDeps): void => {
  registerHealth(app, deps);
  registerStatistics(app, deps);
  registerModels(app, deps);
};
