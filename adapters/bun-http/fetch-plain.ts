/**
 * The fetch port on Bun for `http:`, over its sockets: Bun's own fetch works on a second thread and makes far more
 * objects per request. May import `src/spec` and this folder.
 */

import type { AbortableInit, FetchInit, FetchReply } from '../../src/spec/ports.ts';
import { type Connection, openConnection, reuseConnection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { headerLines } from './header-lines.ts';
import { createIdlePool, type IdlePool } from './idle-pool.ts';
import { requestTargetOf } from './request-target.ts';

/** All that is known before a request of a URL: where it goes, and most of its head. */
interface Endpoint {
  readonly hostname: string;
  readonly port: number;
  /** What follows the method, up to the caller's headers. */
  readonly lines: string;
  readonly pool: IdlePool<Connection>;
}

/** More than a fleet has; when there are more all are forgotten, and the idle connections age out. */
const endpointsLimit = 512;
const endpoints = new Map<string, Endpoint>();
const pools = new Map<string, IdlePool<Connection>>();

const poolOf = (host: string): IdlePool<Connection> => {
  const known = pools.get(host);
  if (known !== undefined) return known;
  const pool = createIdlePool<Connection>({
    close: (connection) => connection.socket?.end(),
    nowMs: () => performance.now(),
    every: (periodMs, run) => {
      const timer = setInterval(run, periodMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  });
  pools.set(host, pool);
  return pool;
};

const endpointOf = (url: string): Endpoint => {
  const { hostname, port, host, path } = requestTargetOf(url);
  if (endpoints.size >= endpointsLimit) {
    endpoints.clear();
    pools.clear();
  }
  const endpoint: Endpoint = {
    hostname,
    port,
    lines: ` ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\naccept-encoding: identity\r\n`,
    pool: poolOf(`${host}:${port}`),
  };
  endpoints.set(url, endpoint);
  return endpoint;
};

const send = (
  url: string,
  init: FetchInit | AbortableInit,
  resolve: (reply: FetchReply) => void,
  reject: (error: unknown) => void,
): void => {
  const { method, headers, body } = init;
  const signal = 'signal' in init ? init.signal : undefined;
  signal?.throwIfAborted();
  const endpoint = endpoints.get(url) ?? endpointOf(url);
  const { lines, pool } = endpoint;
  const length = body === undefined ? (method === 'POST' ? 0 : undefined) : body.length;
  const lengthLine = length === undefined ? '' : `content-length: ${length}\r\n`;
  const exchange: Exchange = {
    method,
    signal,
    abortable: 'abortable' in init ? init.abortable : undefined,
    resolve,
    reject,
    head: `${method}${lines}${headerLines(headers)}${lengthLine}\r\n`,
    body,
    unsent: undefined,
    unsentNext: undefined,
    socket: undefined,
    isPaused: false,
    partialHead: undefined,
    framer: undefined,
    endsAtClose: false,
    keepsAlive: false,
    streamed: undefined,
  };
  for (let idle = pool.take(); idle !== undefined; idle = pool.take())
    if (reuseConnection(idle, exchange)) return;
  openConnection(endpoint, pool, exchange);
};

/**
 * Sends one request once. Rejects with the caller's reason, with Bun's own error for a connection that failed,
 * or with an `ExchangeError`; a POST is never sent again by itself, whatever became of its connection.
 */
export const fetchPlain = (url: string, init: FetchInit | AbortableInit): Promise<FetchReply> =>
  new Promise((resolve, reject) => send(url, init, resolve, reject));
