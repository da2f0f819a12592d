/** Pointsman in front of simulated hosts, for tests that speak Anthropic's dialect. */

import { afterEach } from 'bun:test';
import { checkConfig } from '../../src/config/check-config.ts';
import { nativeClock } from '../../src/gateway/native-ports.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import type { SimulatedHostOptions } from '../../src/simulator/host-settings.ts';
import { createSimulatedHost, type SimulatedHost } from '../../src/simulator/simulated-host.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import type { Fetch } from '../../src/spec/ports.ts';

/** A model of Anthropic's. */
export const claude = 'claude-haiku-4-5-20251001';

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An application and its hosts. */
export interface Fleet {
  readonly app: PointsmanApp;
  readonly hosts: Readonly<Record<string, SimulatedHost>>;
  /** What was posted to the hosts. */
  readonly sent: readonly Sent[];
  post(path: string, body: Json, headers?: Record<string, string>): Promise<Response>;
}

const running: PointsmanApp[] = [];
afterEach(() => {
  for (const app of running.splice(0)) app.stop();
});

/** Pointsman in front of simulated hosts, all in memory. */
export const start = async (
  options: Readonly<Record<string, SimulatedHostOptions>>,
  more: JsonObject = {},
  backends: Readonly<Record<string, JsonObject>> = {},
): Promise<Fleet> => {
  const sent: Sent[] = [];
  const hosts: Record<string, SimulatedHost> = {};
  const configured: Record<string, JsonObject> = {};
  for (const [id, each] of Object.entries(options)) {
    hosts[id] = createSimulatedHost({ speedup: Infinity, seed: 7, ...each }, { clock: nativeClock });
    configured[id] = {
      kind: each.kind,
      url: `http://${id}.example`,
      ...(each.kind === 'anthropic' ? { apiKey: 'sk-ant-of-ours' } : {}),
      ...backends[id],
    };
  }
  const fetch: Fetch = async (url, { method, headers, body, signal }) => {
    const { hostname, pathname } = new URL(url);
    if (method === 'POST') sent.push({ path: pathname, headers, body: new TextDecoder().decode(body) });
    const host = hosts[hostname.replace('.example', '')];
    if (host === undefined) throw new TypeError('no such host');
    return host.fetch(
      new Request(url, { method, headers, signal, body: (body as Uint8Array<ArrayBuffer>) ?? null }),
    );
  };
  const checked = checkConfig({ backends: configured, ...more });
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const app = createApp(checked.config, { ports: { fetch } });
  running.push(app);
  await app.gateway.discovery.settled();
  const post = async (path: string, body: Json, headers: Record<string, string> = {}): Promise<Response> =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    );
  return { app, hosts, sent, post };
};

/** A request in Anthropic's dialect. */
export const message = (model: string, content: Json = 'Hi', more: JsonObject = {}): JsonObject => ({
  model,
  max_tokens: 64,
  messages: [{ role: 'user', content }],
  ...more,
});

/** An answer's body. */
export const jsonOf = async (response: Response): Promise<JsonObject> =>
  (await response.json()) as JsonObject;
