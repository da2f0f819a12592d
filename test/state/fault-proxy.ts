/** A proxy between two TCP ends that delays, cuts, swallows or falsifies what passes. */

import { connect, createServer, type Socket } from 'node:net';

export type ProxyMode =
  | { readonly what: 'pass' }
  | { readonly what: 'delay'; readonly byMs: number }
  /** Connections are taken and nothing passes. */
  | { readonly what: 'swallow' }
  /** Connections are closed at once, those that stand too. */
  | { readonly what: 'cut' }
  /** Answers are replaced by bytes that mean nothing. */
  | { readonly what: 'garbage' };

export interface FaultProxy {
  readonly port: number;
  set(mode: ProxyMode): void;
  stop(): Promise<void>;
}

/** Listens on a free loopback port. */
export const startFaultProxy = (targetPort: number): Promise<FaultProxy> =>
  new Promise((resolve) => {
    let mode: ProxyMode = { what: 'pass' };
    const sockets = new Set<Socket>();
    const track = (socket: Socket): Socket => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
      return socket;
    };
    const pass = (from: Socket, to: Socket, direction: 'there' | 'back'): void => {
      from.on('data', (data) => {
        const now = mode;
        if (now.what === 'swallow') return;
        const bytes = now.what === 'garbage' && direction === 'back' ? Buffer.alloc(data.length, '?') : data;
        const write = (): void => {
          if (!to.destroyed) to.write(bytes);
        };
        if (now.what === 'delay') setTimeout(write, now.byMs);
        else write();
      });
      from.on('close', () => to.destroy());
    };
    const server = createServer((client) => {
      track(client);
      if (mode.what === 'cut') {
        client.destroy();
        return;
      }
      const target = track(connect(targetPort, '127.0.0.1'));
      pass(client, target, 'there');
      pass(target, client, 'back');
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        set: (next) => {
          mode = next;
          if (next.what === 'cut') for (const socket of sockets) socket.destroy();
        },
        stop: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
