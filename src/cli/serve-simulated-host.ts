/** A simulated host on a socket; its listener closes and opens again as its faults ask. */

import type { SimulatedHostOptions } from '../simulator/simulated-host.ts';
import type { Clock } from '../spec/ports.ts';
import type { Address, Listening, Runtime } from './runtime.ts';

export interface ServedHost {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts one; a taken port is replaced by any free one, since several fleets may run on a machine. */
export const serveSimulatedHost = async (
  options: SimulatedHostOptions,
  wanted: Address,
  runtime: Runtime,
  clock: Clock,
): Promise<ServedHost> => {
  // Most who route never simulate, and should not wait at each start for what that takes.
  const { createSimulatedHost } = await import('../simulator/simulated-host.ts');
  let listening: Listening | undefined;
  let address = wanted;
  const host = createSimulatedHost(options, {
    clock,
    onListener: (action) => {
      if (action === 'close') {
        void listening?.stop('now');
        listening = undefined;
      } else void open();
    },
  });
  const open = async (): Promise<void> => {
    listening ??= await runtime.serve((request, connection) => {
      connection.liftTimeout(request);
      return host.fetch(request);
    }, address);
  };
  try {
    await open();
  } catch (error) {
    if (wanted.port === 0) throw error;
    address = { ...wanted, port: 0 };
    await open();
  }
  // A host that comes back after a crash comes back where it was.
  address = { hostname: wanted.hostname, port: listening?.port ?? address.port };
  return {
    url: `http://${address.hostname}:${address.port}`,
    stop: async () => {
      await listening?.stop('now');
    },
  };
};
