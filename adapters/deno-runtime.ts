/** What Deno gives the program. May import `src/cli`, `src/spec` and what Deno brings. */

import process from 'node:process';
import type { Runtime } from '../src/cli/runtime.ts';
import type { FetchInit, FetchReply } from '../src/spec/ports.ts';
import { inPieces } from './in-pieces.ts';
import { localProcess } from './local-process.ts';
import { serve } from './node-serve.ts';

/** The little of Deno's own interface that is used here. */
declare const Deno: {
  readonly version: { readonly deno: string };
  createHttpClient(options: { readonly poolIdleTimeout: number }): object;
};

// A prompt meant for this network stays in it, whatever proxy the environment names.
for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}

/** Idle connections are closed before the five seconds after which common model servers close theirs. */
const client = Deno.createHttpClient({ poolIdleTimeout: 4000 });

/** From here on the two copies a blob costs weigh more than the length it brings along. */
const largeBytes = 8 * 1024 * 1024;

/**
 * A body that Deno could send again it does send again, unasked, when a kept connection breaks:
 * a second generation nobody counts. A blob it sends once, and still with its length; a stream once, in chunks.
 */
const sentOnce = (body: Uint8Array | undefined): BodyInit | undefined => {
  if (body === undefined) return undefined;
  return body.length < largeBytes ? new Blob([body as Uint8Array<ArrayBuffer>]) : inPieces(body);
};

const fetchDirect = (url: string, init: FetchInit): Promise<FetchReply> =>
  fetch(url, {
    method: init.method,
    headers: { 'accept-encoding': 'identity', ...init.headers },
    body: init.bodyStream ?? sentOnce(init.body),
    signal: init.signal,
    redirect: 'manual',
    client,
  } as RequestInit);

/** Deno as a `Runtime`. */
export const runtime: Runtime = {
  name: 'deno',
  version: Deno.version.deno,
  ...localProcess(),
  fetch: fetchDirect,
  serve,
};
