/** A network in memory: simulated hosts under made-up origins, reached through the same port as real ones. */

import type { Fetch } from '../spec/ports.ts';
import { networkError } from './reply.ts';
import type { SimulatedHost } from './simulated-host.ts';

/**
 * A `Fetch` that knows only these origins, such as `http://gpu`; any other refuses the connection.
 * Each call is one request, so the counts of a host are the attempts that were made.
 */
export const createSimulatedNetwork =
  (hosts: Readonly<Record<string, Pick<SimulatedHost, 'fetch'>>>): Fetch =>
  async (url, init) => {
    const host = hosts[new URL(url).origin];
    if (host === undefined) throw networkError('ECONNREFUSED');
    return host.fetch(
      new Request(url, {
        method: init.method,
        headers: init.headers,
        signal: init.signal,
        ...(init.body === undefined ? {} : { body: init.body as Uint8Array<ArrayBuffer> }),
      }),
    );
  };
