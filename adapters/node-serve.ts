/**
 * The server of Node's `node:http`, on Node and on Deno: Deno's own tells of a client that left before its answer began
 * only where the request came in one small piece. May import `src/cli` and `@hono/node-server`.
 */

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Address, Connection, Handler, Listening } from '../src/cli/runtime.ts';
import { answerAlways, tellFailure } from './local-process.ts';

/** Longer than clients keep their idle connections, so that it is they who close them. */
const keepAliveTimeout = 30_000;

/** How soon after its last answer a kept connection is closed when the server stops. */
const sweepEveryMs = 50;

const closing = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

const addressOf = (server: Server, asked: Address): Address => {
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? { hostname: bound.address, port: bound.port } : asked;
};

/** Node's timers end with the receipt of the request; an answer may take as long as it needs. */
const connection: Connection = { liftTimeout: () => undefined, restoreTimeout: () => undefined };

/** Listens; resolves once connections are taken. */
export const serve = async (handler: Handler, address: Address): Promise<Listening> => {
  const answer = answerAlways(handler);
  // The server library tells a broken answer to the console, with the upstream's address in it.
  console.error = (error: unknown) => tellFailure('answer broken off', error);
  const server = createAdaptorServer({
    fetch: (request) => answer(request, connection),
    serverOptions: { keepAliveTimeout },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.hostname, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    ...addressOf(server, address),
    stop: (how) => {
      const closed = closing(server);
      if (how === 'now') server.closeAllConnections();
      // A connection that falls idle only after the close would otherwise be waited for until its client leaves.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs);
      return closed.finally(() => clearInterval(sweep));
    },
  };
};
