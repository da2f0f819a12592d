/** One kept connection of the load generator: prepared bytes out, one answer at a time in. */

import { type Answer, createAnswerReader } from './answer-reader.ts';

export interface Connection {
  /** Resolves with the complete answer; `heard` gets its bytes as they come. Rejects when the connection breaks. */
  send(request: Uint8Array, heard?: (bytes: Buffer) => void): Promise<Answer>;
  /** Leaves without a word, also in the middle of an answer. */
  leave(): void;
}

interface Pending {
  readonly heard: ((bytes: Buffer) => void) | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Connects over Bun's sockets, which cost a fraction of what fetch does. */
export const connect = async (port: number): Promise<Connection> => {
  const reader = createAnswerReader();
  let pending: Pending | undefined;

  const settle = (act: (taken: Pending) => void): void => {
    const taken = pending;
    pending = undefined;
    if (taken !== undefined) act(taken);
  };

  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data: (_socket, bytes) => {
        const answer = reader.push(bytes);
        pending?.heard?.(bytes);
        if (answer !== undefined) settle(({ resolve }) => resolve(answer));
      },
      close: () => settle(({ reject }) => reject(new Error('the connection closed inside an answer'))),
      error: (_socket, error) => settle(({ reject }) => reject(error)),
    },
  });
  socket.setNoDelay(true);

  return {
    send: (request, heard) =>
      new Promise((resolve, reject) => {
        pending = { heard, resolve, reject };
        if (socket.write(request) < request.length)
          reject(new Error('the request did not fit into the socket'));
      }),
    leave: () => {
      pending = undefined;
      socket.terminate();
    },
  };
};
