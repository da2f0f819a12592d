/** Calls a running Pointsman over its own API, for commands that nothing but a running one can answer. */

import { CommandFailure } from './exit.ts';
import type { InstanceOptions } from './instance.ts';
import { loadConfig } from './load-config.ts';
import type { Runtime } from './runtime.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** An instance that was reached answers what it knows at once. */
const usualTimeoutMs = 10_000;

interface Refusal {
  readonly error?: { readonly message?: string } | string;
}

/** Where the instance listens: as said, else as configured here. */
const urlOf = async ({ url, config }: InstanceOptions, runtime: Runtime): Promise<string> => {
  if (url !== undefined) return url.replace(/\/+$/, '');
  const loaded = await loadConfig(config, runtime);
  return `http://${loaded.config.listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
};

const messageOf = ({ error }: Refusal, status: number): string =>
  (typeof error === 'string' ? error : error?.message) ?? `it answers with status ${status}`;

/** The caller's own mistakes are usage; all else is the instance's trouble. */
const failureOf = (url: string, status: number, refusal: Refusal): CommandFailure => {
  const hint = status === 401 || status === 403 ? ' (--key)' : '';
  const usage = status >= 400 && status < 500 && status !== 404;
  return new CommandFailure(usage ? 2 : 1, `${url}: ${messageOf(refusal, status)}${hint}`);
};

/** The JSON it answers with; throws a `CommandFailure` where none runs or it refuses. */
export const callRunning = async <Answer>(
  { method, path, body, headers, timeoutMs }: Call,
  options: InstanceOptions,
  runtime: Runtime,
): Promise<Answer> => {
  const url = await urlOf(options, runtime);
  const key = options.key ?? runtime.env('POINTSMAN_KEY');
  let status: number;
  let answer: unknown;
  try {
    const reply = await runtime.fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body)),
      signal: AbortSignal.timeout(timeoutMs ?? usualTimeoutMs),
    });
    status = reply.status;
    answer = await new Response(await reply.arrayBuffer()).json();
  } catch {
    throw new CommandFailure(1, `no Pointsman answers at ${url}`);
  }
  if (typeof answer !== 'object' || answer === null)
    throw new CommandFailure(1, `no Pointsman answers at ${url}`);
  if (status >= 300) throw failureOf(url, status, answer as Refusal);
  return answer as Answer;
};
