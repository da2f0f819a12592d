/** The state of the fleet for a command: from the running Pointsman, else by asking the backends directly. */

import { createApp, type PointsmanApp } from '../http/app.ts';
import { type AskOptions, askRunning } from './ask.ts';
import { CommandFailure } from './exit.ts';
import { loadConfig } from './load-config.ts';
import type { Runtime } from './runtime.ts';

export interface InstanceOptions {
  readonly config?: string;
  readonly url?: string;
  readonly key?: string;
}

const explicitOnly = (url: string): CommandFailure => new CommandFailure(1, `no Pointsman answers at ${url}`);

const running = async <Answer>(
  path: string,
  ask: AskOptions,
  runtime: Runtime,
): Promise<Answer | undefined> => {
  const health = await askRunning<{ service?: string; error?: { message?: string } }>(
    '/health',
    ask,
    runtime,
  );
  if (health?.error !== undefined)
    throw new CommandFailure(2, `${ask.url}: ${health.error.message ?? 'refused'} (--key)`);
  if (health?.service !== 'pointsman') return undefined;
  return path === '/health' ? (health as Answer) : await askRunning<Answer>(path, ask, runtime);
};

/** Reads a page of a running instance, or makes the same from a look at the configured backends. */
export const askInstance = async <Answer>(
  path: string,
  direct: (app: PointsmanApp) => Answer,
  options: InstanceOptions,
  runtime: Runtime,
): Promise<Answer> => {
  const key = options.key ?? runtime.env('POINTSMAN_KEY');
  if (options.url !== undefined) {
    const answer = await running<Answer>(path, { url: options.url, key }, runtime);
    if (answer === undefined) throw explicitOnly(options.url);
    return answer;
  }
  const loaded = await loadConfig(options.config, runtime);
  const own = `http://${loaded.config.listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:')}`;
  const answer = await running<Answer>(path, { url: own, key }, runtime);
  if (answer !== undefined) return answer;
  if (Object.keys(loaded.config.backends).length === 0) {
    throw new CommandFailure(
      2,
      `nothing to look at: no Pointsman runs at ${own}, none is configured, and no engine answers`,
    );
  }
  const app = createApp(loaded.config, { ports: { fetch: runtime.fetch } });
  try {
    await app.gateway.discovery.settled();
    return direct(app);
  } finally {
    app.stop();
  }
};
