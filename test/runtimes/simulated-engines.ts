/** The simulated hosts on sockets of this process, one of each kind, each as fast as it can be. */

import { nativeClock } from '../../src/gateway/native-ports.ts';
import type { SimulatedHostOptions } from '../../src/simulator/simulated-host.ts';
import { createSimulatedHost } from '../../src/simulator/simulated-host.ts';

export interface SimulatedEngine {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves one on a free port. */
export const startSimulatedEngine = (options: SimulatedHostOptions): SimulatedEngine => {
  const host = createSimulatedHost(options, { clock: nativeClock, onListener: () => undefined });
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch: (request) => host.fetch(request),
  });
  return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
};
