/** Several applications in one process over one simulated network and a store of their own each. */

import { parseConfig } from '../../src/config/parse.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import type { StateStore } from '../../src/state/store.ts';

/** A host that lists one model and answers, or refuses everything. */
export interface FakeHost {
  readonly url: string;
  how: 'answers' | 'fails' | 'refuses';
  /** Calls for inference so far. */
  calls: number;
  /** Calls that run, and the most that ever did. */
  running: number;
  most: number;
  /** How long an answer takes. */
  tookMs: number;
  stop(): Promise<void>;
}

const tags = { models: [{ name: 'm:latest', model: 'm:latest', digest: 'd', size: 1000 }] };
const loaded = { models: [{ ...tags.models[0], size_vram: 1000, expires_at: '2030-01-01T00:00:00Z' }] };

/** Serves it on a free port. */
export const startFakeHost = (): FakeHost => {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (host.how === 'refuses') return new Response('', { status: 500 });
      if (pathname === '/api/version') return Response.json({ version: '0.33.0' });
      if (pathname === '/api/tags') return Response.json(tags);
      if (pathname === '/api/ps') return Response.json(loaded);
      host.calls += 1;
      host.running += 1;
      host.most = Math.max(host.most, host.running);
      if (host.tookMs > 0) await Bun.sleep(host.tookMs);
      host.running -= 1;
      if (host.how === 'fails')
        return Response.json({ error: 'llama runner process has terminated' }, { status: 500 });
      const message = { role: 'assistant', content: 'hello' };
      return Response.json({ model: 'm:latest', message, done: true, done_reason: 'stop', eval_count: 1 });
    },
  });
  const host: FakeHost = {
    url: `http://127.0.0.1:${server.port}`,
    how: 'answers',
    calls: 0,
    running: 0,
    most: 0,
    tookMs: 0,
    stop: () => server.stop(true),
  };
  return host;
};

/** An instance before these hosts. */
export const startInstance = async (
  hosts: Readonly<Record<string, string>>,
  state: string,
  options: {
    readonly store?: StateStore;
    readonly fetch?: Fetch;
    readonly more?: string;
    readonly writeLog?: (line: string) => void;
    /** What else each backend is. */
    readonly backend?: string;
  } = {},
): Promise<PointsmanApp> => {
  const backends = Object.entries(hosts)
    .map(([id, url]) => `  ${id}: { ${options.backend ?? 'kind: ollama, slots: 4'}, url: "${url}" }`)
    .join('\n');
  const text = `backends:\n${backends}\nstate: ${state}\nstrategy: round_robin\nbreaker: { openMs: 20000 }\n${options.more ?? ''}`;
  const result = await parseConfig(text, { env: () => undefined, readTextFile: async () => '' });
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  const app = createApp(result.config, {
    hostname: 'testbox',
    ...(options.store === undefined ? {} : { store: options.store }),
    ...(options.fetch === undefined ? {} : { ports: { fetch: options.fetch } }),
    ...(options.writeLog === undefined ? {} : { writeLog: options.writeLog }),
  });
  await app.gateway.discovery.settled();
  return app;
};

/** One chat; the status and the backend that served it. */
export const ask = async (
  app: PointsmanApp,
  id = '',
): Promise<{ status: number; backend: string | null }> => {
  const response = await app.fetch(
    new Request('http://127.0.0.1/api/chat', {
      method: 'POST',
      headers: {
        host: '127.0.0.1',
        'content-type': 'application/json',
        ...(id === '' ? {} : { 'x-request-id': id }),
      },
      body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
    }),
  );
  await response.arrayBuffer();
  return { status: response.status, backend: response.headers.get('x-pointsman-backend') };
};

/** Waits until something holds; fails with what it was waiting for. */
export const until = async (what: string, holds: () => boolean, limitMs = 5_000): Promise<number> => {
  const since = performance.now();
  while (!holds()) {
    if (performance.now() - since > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  return performance.now() - since;
};
