/** A server on bare sockets whose every byte and silence the test decides. */

import { createServer, type Server, type Socket } from 'node:net';

/** One request as it came: the socket to answer on, and what was asked. */
export interface Arrival {
  readonly socket: Socket;
  readonly head: string;
  readonly body: string;
  /** Which request on its connection this is, from 1. */
  readonly nth: number;
  /** Settles when the other side has closed the connection, with the time of it. */
  readonly closed: Promise<number>;
}

export interface RawUpstream {
  readonly url: string;
  /** Every request that came, in order. */
  readonly arrivals: readonly Arrival[];
  readonly connections: () => number;
  /** The next request that was not yet taken. */
  next(): Promise<Arrival>;
  close(): void;
}

/** An answer with a length, which keeps the connection. */
export const whole = (text: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

/** The head of an answer in chunks. */
export const chunkedHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

/** One chunk of such an answer. */
export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const splitRequest = (received: string): { readonly head: string; readonly body: string } | undefined => {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = received.slice(0, headEnd);
  const body = received.slice(headEnd + 4);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return body.length < length ? undefined : { head, body };
};

/** Listens on a free port; `answer`, where given, is called for each request instead of `next`. */
export const startRawUpstream = async (answer?: (arrival: Arrival) => void): Promise<RawUpstream> => {
  const sockets = new Set<Socket>();
  const arrivals: Arrival[] = [];
  const waiting: ((arrival: Arrival) => void)[] = [];
  let taken = 0;
  let connections = 0;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    let received = '';
    let nth = 0;
    connections += 1;
    sockets.add(socket);
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const request = splitRequest(received);
      if (request === undefined) return;
      received = '';
      nth += 1;
      const arrival = { socket, ...request, nth, closed };
      arrivals.push(arrival);
      if (answer !== undefined) return answer(arrival);
      const take = waiting.shift();
      if (take === undefined) return;
      taken += 1;
      take(arrival);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/ask`,
    arrivals,
    connections: () => connections,
    next: () => {
      const ready = arrivals[taken];
      if (ready === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(ready);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
