/** Further instances of `demo`, each on a socket of its own, which share what they learn with the first. */

import type { Config } from '../config/schema.ts';
import { createApp, type PointsmanApp } from '../http/app.ts';
import type { Listening, Runtime } from './runtime.ts';

interface DemoRouter {
  readonly app: PointsmanApp;
  readonly listening: Listening;
}

export interface DemoRouters {
  /** Addresses, in order. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** The first of the ports they take when they are free, above those of the simulated hosts. */
const firstPort = 5040;

const listen = async (app: PointsmanApp, port: number, runtime: Runtime): Promise<Listening> => {
  const handler: Parameters<Runtime['serve']>[0] = (request, connection) => app.fetch(request, connection);
  try {
    return await runtime.serve(handler, { hostname: '127.0.0.1', port });
  } catch {
    return await runtime.serve(handler, { hostname: '127.0.0.1', port: 0 });
  }
};

/** Starts as many as said over the same hosts. */
export const startDemoRouters = async (
  config: Config,
  count: number,
  runtime: Runtime,
): Promise<DemoRouters> => {
  const routers: DemoRouter[] = [];
  for (let index = 0; index < count; index += 1) {
    const app = createApp(config, {
      ports: { fetch: runtime.fetch },
      hostname: runtime.hostname,
      simulated: new Set(Object.keys(config.backends)),
      writeLog: (line) => runtime.err(line),
    });
    routers.push({ app, listening: await listen(app, firstPort + index, runtime) });
  }
  return {
    urls: routers.map(({ listening }) => `http://127.0.0.1:${listening.port}`),
    stop: async () => {
      for (const { app, listening } of routers) {
        app.stop();
        await listening.stop('now');
      }
    },
  };
};
