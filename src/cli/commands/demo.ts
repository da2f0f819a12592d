/** `pointsman demo`: the router in front of simulated hosts, whatever else runs on the machine. */

import { checkConfig } from '../../config/check-config.ts';
import { CommandFailure } from '../exit.ts';
import type { Runtime } from '../runtime.ts';
import { prepareDemo, runServer } from './serve.ts';

/** Serves the simulated fleet; nothing of the environment is read but the address. */
export const demo = async (
  options: { readonly listen?: string; readonly json?: boolean; readonly insecure?: boolean },
  runtime: Runtime,
): Promise<void> => {
  const listen = options.listen ?? runtime.env('POINTSMAN_LISTEN');
  const checked = checkConfig(listen === undefined ? {} : { listen });
  if ('problems' in checked) throw new CommandFailure(2, checked.problems.join('\n'));
  await runServer(await prepareDemo(checked.config, runtime), options, runtime);
};
