/** What Bun gives the program. May import `src/cli`, `src/spec` and what Bun brings. */

import process from 'node:process';
import type { Address, Connection, Handler, Listening, Runtime } from '../src/cli/runtime.ts';
import type { AbortableInit, Fetch, FetchInit, FetchReply, FetchRequest } from '../src/spec/ports.ts';
import { fetchPlain } from './bun-http/fetch-plain.ts';
import { collectAtRest } from './collect-at-rest.ts';
import { inPieces } from './in-pieces.ts';
import { answerBroken, localProcess } from './local-process.ts';

/** Long enough for a slow sender, short enough that one who stopped sending frees the socket. */
const idleTimeoutSeconds = 30;

const restCheckMs = 1000;

/**
 * Idle connections are closed before the five seconds after which common model servers close theirs,
 * and proxies in the environment are left alone: a prompt meant for this network stays in it.
 */
const session = new Bun.FetchSession({ proxy: false, keepAlive: { idleTimeout: 4 } });

/** Bun copies a body its fetch is given whole; from this size on that is worth sending it piece by piece. */
const largeBytes = 1024 * 1024;

/** What is sent, with its length, which Bun cannot know of pieces. */
const bodyOf = ({
  body,
  bodyStream,
}: FetchRequest): { readonly body?: BodyInit; readonly headers?: Record<string, string> } => {
  if (bodyStream !== undefined) return { body: bodyStream };
  if (body === undefined) return {};
  if (body.length < largeBytes) return { body: body as Uint8Array<ArrayBuffer> };
  return { body: inPieces(body), headers: { 'content-length': String(body.length) } };
};

const fetchByBun = (url: string, init: FetchInit): Promise<FetchReply> => {
  const { body, headers } = bodyOf(init);
  return fetch(url, {
    method: init.method,
    headers: { 'accept-encoding': 'identity', ...init.headers, ...headers },
    ...(body === undefined ? {} : { body }),
    signal: init.signal,
    redirect: 'manual',
    timeout: false,
    session,
  });
};

const isPlain = (url: string, { bodyStream }: FetchRequest): boolean =>
  url.startsWith('http:') && bodyStream === undefined;

const fetchAbortable = (url: string, init: AbortableInit): Promise<FetchReply> => {
  if (isPlain(url, init)) return fetchPlain(url, init);
  const controller = new AbortController();
  init.abortable.onAbort = () => controller.abort();
  return fetchByBun(url, { ...init, signal: controller.signal });
};

const fetchDirect: Fetch = Object.assign(
  (url: string, init: FetchInit) => (isPlain(url, init) ? fetchPlain(url, init) : fetchByBun(url, init)),
  { abortable: fetchAbortable },
);

/** Collects; the first time, with all that only the start needed still compiled, lets go of compiled code as well. */
const giveBack = (): (() => void) => {
  let isFirst = true;
  return () => {
    if (isFirst) Bun.shrink();
    isFirst = false;
    Bun.gc(true);
  };
};

const serve = async (handler: Handler, address: Address): Promise<Listening> => {
  const connection: Connection = {
    liftTimeout: (request) => server.timeout(request, 0),
    restoreTimeout: (request) => server.timeout(request, idleTimeoutSeconds),
  };
  const server = Bun.serve({
    hostname: address.hostname,
    port: address.port,
    idleTimeout: idleTimeoutSeconds,
    // The application limits bodies; this only must not be in its way.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Outside development Bun would share the port with whoever else asks for it.
    reusePort: false,
    error: answerBroken,
    fetch: (request) => handler(request, connection),
  });
  const resting = setInterval(
    collectAtRest({
      running: () => server.pendingRequests,
      residentBytes: process.memoryUsage.rss,
      collect: giveBack(),
    }),
    restCheckMs,
  );
  resting.unref();
  return {
    hostname: server.hostname ?? address.hostname,
    port: server.port ?? address.port,
    stop: (how) => {
      clearInterval(resting);
      return server.stop(how === 'now');
    },
  };
};

/** Bun as a `Runtime`. */
export const runtime: Runtime = {
  name: 'bun',
  version: Bun.version,
  ...localProcess(),
  fetch: fetchDirect,
  serve,
};
