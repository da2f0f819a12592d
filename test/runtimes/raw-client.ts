/** A client on a bare socket, which can leave at any moment. */

import { connect } from 'node:net';

export interface RawClient {
  /** Resolves once what was received holds the text; rejects if the connection ends before. */
  saw(text: string): Promise<void>;
  readonly received: () => string;
  /** Whether the other side has ended the connection. */
  readonly ended: Promise<void>;
  /** More of the request. */
  send(text: string): void;
  leave(how: 'finish' | 'reset'): void;
}

/** Sends one request as it stands. */
export const startRawClient = (port: number, request: string): RawClient => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request));
  const listeners = new Set<() => void>();
  let received = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    received += data.toString('latin1');
    for (const listener of listeners) listener();
  });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    received: () => received,
    ended,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!received.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`the connection ended before "${text}" came`)));
      }),
    send: (text) => {
      socket.write(text);
    },
    leave: (how) => {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    },
  };
};

/** A request without a body. */
export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

/** A request with a JSON body. */
export const post = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
