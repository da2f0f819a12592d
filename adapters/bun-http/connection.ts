/**
 * A socket to one endpoint, which carries one exchange at a time.
 * May import this folder; uses Bun's sockets.
 */

import {
  abortExchange,
  type Exchange,
  failExchange,
  type Progress,
  receive,
  receiveClose,
} from './exchange.ts';
import { ExchangeError } from './exchange-error.ts';
import type { IdlePool } from './idle-pool.ts';
import { openSocket } from './open-socket.ts';
import { writeRequest, writeRest } from './request-writer.ts';

export interface Connection {
  /** Where it waits between two exchanges. */
  readonly pool: IdlePool<Connection>;
  /** Undefined until it is open. */
  socket: Bun.Socket<Connection> | undefined;
  /** There while it is being opened. */
  giveUp: (() => void) | undefined;
  exchange: Exchange | undefined;
  /** One per connection, so that a request brings no closure for it. */
  readonly abort: () => void;
}

/** How the kernel finds out that a silent peer has gone. */
const keepAliveMs = 30_000;

const abortError = (): DOMException => new DOMException('The operation was aborted.', 'AbortError');

const lost = (): ExchangeError => new ExchangeError('ECONNRESET', 'the connection was lost');

const attach = (connection: Connection, exchange: Exchange): void => {
  connection.exchange = exchange;
  const { abortable, signal } = exchange;
  if (abortable !== undefined) abortable.onAbort = connection.abort;
  signal?.addEventListener('abort', connection.abort);
};

const detach = (connection: Connection, exchange: Exchange): void => {
  connection.exchange = undefined;
  exchange.socket = undefined;
  exchange.unsent = undefined;
  exchange.unsentNext = undefined;
  const { abortable, signal } = exchange;
  if (abortable !== undefined) abortable.onAbort = undefined;
  signal?.removeEventListener('abort', connection.abort);
};

/** Closing tells of itself at once, so the exchange must have left before. */
const destroy = (connection: Connection, exchange: Exchange): void => {
  detach(connection, exchange);
  // An abort must reach the peer now, and with nothing in doubt: a reset does.
  if (connection.socket === undefined) connection.giveUp?.();
  else connection.socket.terminate();
};

const fail = (connection: Connection, exchange: Exchange, error: unknown): void => {
  destroy(connection, exchange);
  failExchange(exchange, error);
};

const goOnWriting = (connection: Connection, exchange: Exchange, socket: Bun.Socket<Connection>): void => {
  if (exchange.unsent !== undefined && !writeRest(exchange, socket)) fail(connection, exchange, lost());
};

const settle = (
  connection: Connection,
  exchange: Exchange,
  socket: Bun.Socket<Connection>,
  progress: Progress,
): void => {
  const isWritten = exchange.unsent === undefined;
  if (exchange.isPaused) socket.resume();
  detach(connection, exchange);
  if (progress === 'reusable' && isWritten) {
    socket.unref();
    connection.pool.put(connection);
  } else socket.end();
};

const handlers: Bun.SocketHandler<Connection> = {
  // A plain array: a `Buffer` cuts itself dearer, and its `slice` shares what others copy.
  binaryType: 'uint8array',
  open(socket) {
    const connection = socket.data;
    const { exchange } = connection;
    connection.socket = socket;
    connection.giveUp = undefined;
    // Given up while it was being opened: nothing is sent.
    if (exchange === undefined) return socket.terminate();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    exchange.socket = socket;
    if (!writeRequest(exchange, socket)) fail(connection, exchange, lost());
    else goOnWriting(connection, exchange, socket);
  },
  data(socket, bytes) {
    const connection = socket.data;
    const { exchange } = connection;
    // Nobody asked: whatever it is, the next answer could not be told from it.
    if (exchange === undefined) return socket.terminate();
    try {
      const progress = receive(exchange, bytes);
      if (progress !== 'more') settle(connection, exchange, socket, progress);
    } catch (error) {
      fail(connection, exchange, error);
    }
  },
  drain(socket) {
    const connection = socket.data;
    if (connection.exchange !== undefined) goOnWriting(connection, connection.exchange, socket);
  },
  // Half a connection is of no use: whatever was still to be written, its answer has ended.
  end: (socket) => void socket.end(),
  close(socket, error) {
    const connection = socket.data;
    const { exchange } = connection;
    connection.pool.remove(connection);
    if (exchange === undefined) return;
    detach(connection, exchange);
    receiveClose(exchange, error);
  },
  // Only a defect in these handlers comes here.
  error(socket, error) {
    const connection = socket.data;
    if (connection.exchange !== undefined) fail(connection, connection.exchange, error);
    else socket.terminate();
  },
};

/** Opens a connection for an exchange, whose request goes out as soon as it stands. */
export const openConnection = (
  { hostname, port }: { readonly hostname: string; readonly port: number },
  pool: IdlePool<Connection>,
  exchange: Exchange,
): void => {
  const connection: Connection = {
    pool,
    socket: undefined,
    giveUp: undefined,
    exchange: undefined,
    abort() {
      const aborted = connection.exchange;
      if (aborted === undefined) return;
      destroy(connection, aborted);
      abortExchange(aborted, aborted.signal?.reason ?? abortError());
    },
  };
  connection.giveUp = openSocket({
    hostname,
    port,
    data: connection,
    handlers,
    fail(error) {
      connection.giveUp = undefined;
      if (connection.exchange !== undefined) fail(connection, connection.exchange, error);
    },
  });
  attach(connection, exchange);
};

/** Sends a request over an idle connection; false where that had gone, with nothing sent. */
export const reuseConnection = (connection: Connection, exchange: Exchange): boolean => {
  const { socket } = connection;
  if (socket === undefined || !writeRequest(exchange, socket)) return false;
  socket.ref();
  exchange.socket = socket;
  attach(connection, exchange);
  goOnWriting(connection, exchange, socket);
  return true;
};
