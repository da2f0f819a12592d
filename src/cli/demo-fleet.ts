/** The simulated hosts of `demo`, each on a socket of its own, so that everything is as with real ones. */

import type { Config } from '../config/schema.ts';
import { nativeClock } from '../gateway/native-ports.ts';
import type { FleetMember } from '../simulator/fleet.ts';
import type { Runtime } from './runtime.ts';
import { serveSimulatedHost } from './serve-simulated-host.ts';

export interface DemoFleet {
  /** The given configuration with the simulated hosts as its backends. */
  readonly config: Config;
  readonly stop: () => Promise<void>;
}

/** The first of the ports the hosts take when they are free, so that examples can name them. */
const firstPort = 5011;

/** Starts the hosts and names them in a configuration. */
export const startDemoFleet = async (
  config: Config,
  members: readonly FleetMember[],
  runtime: Runtime,
): Promise<DemoFleet> => {
  const backends: Config['backends'] = {};
  const stops: (() => Promise<void>)[] = [];
  let port = firstPort;
  let priority = 1;
  for (const { id, lane, apiKey, options } of members) {
    const host = await serveSimulatedHost(options, { hostname: '127.0.0.1', port }, runtime, nativeClock);
    stops.push(host.stop);
    backends[id] = {
      kind: options.kind,
      url: host.url,
      lane,
      priority,
      slots: options.slots,
      ...(apiKey === undefined ? {} : { apiKey }),
    };
    port += 1;
    priority += 1;
  }
  return {
    config: { ...config, backends },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
};
