/** A Pointsman with keys, and an engine that is given a key of its own. */

import { type EngineOptions, type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** Each is also a canary: nothing that leaves the program may hold one. */
export const keys = {
  inference: 'canary-inference-5f0d3c1e',
  metrics: 'canary-metrics-91b2a7c4',
  admin: 'canary-admin-c3d8e6f0',
  metered: 'canary-metered-4b8e2d17',
  upstream: 'canary-upstream-7a6b5c4d',
  header: 'canary-header-2e1f0a9b',
} as const;

type EngineKind = EngineOptions['kind'];

/** How many engines of each kind say what they should not: what one says of its key must not shield the next. */
const blurting = 15;

/** The model of the engine that is asked for its blurt of a number. */
export const blurtModel = (kind: EngineKind, index: number): string => `${kind}-${index}`;

const startBlurting = (kind: EngineKind): Promise<readonly ScriptedEngine[]> =>
  Promise.all(
    Array.from({ length: blurting }, (_, index) => startEngine({ kind, models: [blurtModel(kind, index)] })),
  );

/** How a configuration file names a variable. */
const fromEnvironment = (name: string): string => ['$', `{${name}}`].join('');

export interface GuardedBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  readonly engine: ScriptedEngine;
  readonly compatible: ScriptedEngine;
  /** By kind, each with a model of its own. */
  readonly blurting: Readonly<Record<EngineKind, readonly ScriptedEngine[]>>;
  /** Went away after it had listed `gone`. */
  readonly gone: ScriptedEngine;
}

export const openGuardedBench = async (target: Target): Promise<GuardedBench> => {
  const engine = await startEngine({ kind: 'ollama', models: ['m', 'm-29'] });
  const compatible = await startEngine({ kind: 'openai-compatible', models: ['other'] });
  const blurters = {
    ollama: await startBlurting('ollama'),
    'openai-compatible': await startBlurting('openai-compatible'),
  };
  const gone = await startEngine({ kind: 'ollama', models: ['gone'] });
  const secret = { apiKey: keys.upstream, headers: { 'x-secret': keys.header } };
  const backendsOf = (kind: EngineKind) =>
    blurters[kind].map(
      ({ url }, index) => [`${kind}-host-${index}`, { kind, url, slots: 2, ...secret }] as const,
    );
  const pointsman = await startPointsman(
    target,
    {
      backends: {
        native: { kind: 'ollama', url: engine.url, slots: 2, ...secret },
        compatible: { kind: 'openai-compatible', url: compatible.url, slots: 2, ...secret },
        vanished: { kind: 'ollama', url: gone.url, ...secret },
        ...Object.fromEntries([...backendsOf('ollama'), ...backendsOf('openai-compatible')]),
      },
      auth: {
        keys: [
          { name: 'app', key: fromEnvironment('APP_KEY') },
          { name: 'scraper', key: keys.metrics, scopes: ['metrics'] },
          { name: 'metered', key: keys.metered, limits: { requestsPerMinute: 4, tokensPerMinute: 100_000 } },
          { name: 'root', key: keys.admin, scopes: ['inference', 'metrics', 'admin'] },
        ],
      },
      timeouts: { headersMs: 300, betweenChunksMs: 400 },
      probe: { intervalMs: 60_000, timeoutMs: 300 },
      log: { level: 'debug', requests: true },
    },
    { env: { APP_KEY: keys.inference } },
  );
  await gone.close();
  return { pointsman, origin: pointsman.origin, engine, compatible, blurting: blurters, gone };
};

export const closeGuardedBench = async ({
  pointsman,
  engine,
  compatible,
  blurting: blurters,
}: GuardedBench): Promise<void> => {
  await pointsman.stop();
  const engines = [engine, compatible, ...blurters.ollama, ...blurters['openai-compatible']];
  await Promise.all(engines.map((each) => each.close()));
};
