import { runtime } from '../../adapters/bun-runtime.ts';
import { checkConfig } from '../../src/config/check-config.ts';
import { nativeClock } from '../../src/gateway/native-ports.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import {
  createSimulatedHost,
  type SimulatedHost,
  type SimulatedHostOptions,
} from '../../src/simulator/simulated-host.ts';

/** Pointsman on a socket in front of one simulated host on another. */
export interface Served {
  readonly url: string;
  readonly host: SimulatedHost;
  readonly app: PointsmanApp;
  readonly stop: () => Promise<void>;
}

/** Starts both; the host does its work without waiting unless told otherwise. */
export const served = async (options: SimulatedHostOptions): Promise<Served> => {
  const host = createSimulatedHost(
    { speedup: Number.POSITIVE_INFINITY, slots: 4, seed: 7, ...options },
    { clock: nativeClock },
  );
  const engine = await runtime.serve((request) => host.fetch(request), { hostname: '127.0.0.1', port: 0 });
  const checked = checkConfig({
    backends: {
      engine: {
        kind: options.kind,
        url: `http://127.0.0.1:${engine.port}`,
        slots: 4,
        ...(options.kind === 'anthropic' ? { apiKey: 'sk-ant-simulated' } : {}),
        ...(options.kind === 'openai' ? { apiKey: 'sk-simulated' } : {}),
        ...(options.preset === undefined ? {} : { preset: options.preset }),
      },
    },
  });
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const app = createApp(checked.config, { ports: { fetch: runtime.fetch } });
  await app.gateway.discovery.settled();
  const router = await runtime.serve((request, connection) => app.fetch(request, connection), {
    hostname: '127.0.0.1',
    port: 0,
  });
  return {
    url: `http://127.0.0.1:${router.port}`,
    host,
    app,
    stop: async () => {
      app.stop();
      await router.stop('now');
      await engine.stop('now');
    },
  };
};

/** The same engine at a human pace, so that there is a middle to leave in. */
export const servedSlowly = (options: SimulatedHostOptions): Promise<Served> =>
  served({ ...options, speedup: 20 });

/** What to ask for where a client leaves: an answer that nobody hears to its end, however late the machine is. */
export const longAnswer = 'Say something about rivers in 20000 words';

/** Polls a condition that another process or socket brings about; fails loudly when it does not come. */
export const eventually = async (what: string, holds: () => boolean, withinMs = 2000): Promise<void> => {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** The engines behind which every client has to work the same. */
export const engines: readonly {
  readonly name: string;
  readonly options: SimulatedHostOptions;
  readonly model: string;
  /** Absent where it has no embeddings. */
  readonly embedder: string | undefined;
}[] = [
  {
    name: 'an Ollama host',
    options: { kind: 'ollama', models: ['qwen3:8b', 'nomic-embed-text'] },
    model: 'qwen3:8b',
    embedder: 'nomic-embed-text',
  },
  {
    name: 'a Docker Model Runner',
    options: { kind: 'docker-model-runner', models: ['ai/qwen3:8b', 'ai/nomic-embed-text'] },
    model: 'ai/qwen3:8b',
    embedder: 'ai/nomic-embed-text',
  },
  {
    name: 'the Anthropic API',
    options: { kind: 'anthropic' },
    model: 'claude-haiku-4-5-20251001',
    embedder: undefined,
  },
  {
    name: 'the Gemini API',
    options: { kind: 'gemini' },
    model: 'gemini-3-pro-preview',
    embedder: 'gemini-embedding-001',
  },
  {
    name: 'LM Studio',
    options: { kind: 'openai-compatible', preset: 'lm-studio', models: ['qwen3:8b', 'nomic-embed-text'] },
    model: 'qwen3:8b',
    embedder: 'nomic-embed-text',
  },
];

/** A tool every scenario offers. */
export const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
} as const;
