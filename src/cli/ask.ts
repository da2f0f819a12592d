/** Asks a running Pointsman over its own API. */

import type { Runtime } from './runtime.ts';

/** A local instance answers at once; one that does not is treated as not running. */
const askTimeoutMs = 2_000;

export interface AskOptions {
  readonly url: string;
  readonly key: string | undefined;
}

/** The JSON of one page; undefined when no Pointsman answers there. */
export const askRunning = async <Answer>(
  path: string,
  { url, key }: AskOptions,
  runtime: Runtime,
): Promise<Answer | undefined> => {
  try {
    const reply = await runtime.fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method: 'GET',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    return (await new Response(await reply.arrayBuffer()).json()) as Answer;
  } catch {
    return undefined;
  }
};
