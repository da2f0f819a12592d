/** What Deno gives the program. May import `src/cli`, `src/spec` and what Deno brings. */

import process from 'node:process';
import type { Address, Connection, Handler, Listening, Runtime } from '../src/cli/runtime.ts';
import type { FetchInit, FetchReply } from '../src/spec/ports.ts';
import { answerBroken, localProcess } from './local-process.ts';

/** The little of Deno's own interface that is used here. */
declare const Deno: {
  readonly version: { readonly deno: string };
  createHttpClient(options: { readonly poolIdleTimeout: number }): object;
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
      onListen(): void;
      onError(error: unknown): Response;
    },
    handler: (
      request: Request,
      info: { readonly remoteAddr: { readonly hostname: string } },
    ) => Response | Promise<Response>,
  ): {
    readonly addr: { readonly hostname: string; readonly port: number };
    readonly finished: Promise<void>;
    shutdown(): Promise<void>;
  };
};

// A prompt meant for this network stays in it, whatever proxy the environment names.
for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}

/** Idle connections are closed before the five seconds after which common model servers close theirs. */
const client = Deno.createHttpClient({ poolIdleTimeout: 4000 });

/**
 * A body that Deno could send again it does send again, unasked, when a kept connection breaks:
 * a second generation nobody counts. A blob it sends once, and still with its length.
 */
const sentOnce = (body: Uint8Array | undefined): Blob | undefined =>
  body === undefined ? undefined : new Blob([body as Uint8Array<ArrayBuffer>]);

const fetchDirect = (url: string, init: FetchInit): Promise<FetchReply> =>
  fetch(url, {
    method: init.method,
    headers: { 'accept-encoding': 'identity', ...init.headers },
    body: sentOnce(init.body),
    signal: init.signal,
    redirect: 'manual',
    client,
  } as RequestInit);

/** Deno's server has no idle timer to lift. */
const connection: Connection = { liftTimeout: () => undefined, restoreTimeout: () => undefined };

const serve = async (handler: Handler, address: Address): Promise<Listening> => {
  const cut = new AbortController();
  const server = Deno.serve(
    { ...address, signal: cut.signal, onListen: () => undefined, onError: answerBroken },
    (request) => handler(request, connection),
  );
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    stop: async (how) => {
      if (how === 'graceful') return server.shutdown();
      cut.abort();
      await server.finished;
    },
  };
};

/** Deno as a `Runtime`. */
export const runtime: Runtime = {
  name: 'deno',
  version: Deno.version.deno,
  ...localProcess(),
  fetch: fetchDirect,
  serve,
};
