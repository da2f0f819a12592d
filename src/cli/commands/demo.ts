/** `pointsman demo`: the router in front of simulated hosts, whatever else runs on the machine. */

import { checkConfig } from '../../config/check-config.ts';
import { demoClouds, demoFleet } from '../../simulator/fleet.ts';
import { CommandFailure } from '../exit.ts';
import type { Runtime } from '../runtime.ts';
import { prepareDemo, runServer } from './serve.ts';

/** Serves the simulated fleet; nothing of the environment is read but the address. */
export const demo = async (
  options: {
    readonly clouds?: boolean;
    readonly listen?: string;
    readonly json?: boolean;
    readonly insecure?: boolean;
  },
  runtime: Runtime,
): Promise<void> => {
  const listen = options.listen ?? runtime.env('POINTSMAN_LISTEN');
  const checked = checkConfig(listen === undefined ? {} : { listen });
  if ('problems' in checked) throw new CommandFailure(2, checked.problems.join('\n'));
  const members = options.clouds === true ? [...demoFleet(), ...demoClouds()] : demoFleet();
  await runServer(await prepareDemo(checked.config, members, runtime), options, runtime);
};
