/** `pointsman demo`: routers in front of simulated hosts, whatever else runs on the machine. */

import { checkConfig } from '../../config/check-config.ts';
import type { Config } from '../../config/schema.ts';
import { demoClouds, demoFleet } from '../../simulator/fleet.ts';
import { type DemoRouters, startDemoRouters } from '../demo-routers.ts';
import { CommandFailure } from '../exit.ts';
import type { Runtime } from '../runtime.ts';
import { prepareDemo, runServer } from './serve.ts';

export interface DemoOptions {
  readonly clouds?: boolean;
  readonly listen?: string;
  readonly json?: boolean;
  readonly insecure?: boolean;
  readonly routers?: string;
  readonly hosts?: string;
  readonly redis?: string;
}

/** More than a machine shows well, and no fleet of this kind needs. */
const most = { routers: 16, hosts: 16 } as const;

const countIn = (name: 'routers' | 'hosts', text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most[name]) return count;
  throw new CommandFailure(2, `--${name}: must be a whole number from 1 to ${most[name]}`);
};

const configOf = (tree: Parameters<typeof checkConfig>[0]): Config => {
  const checked = checkConfig(tree);
  if ('problems' in checked) throw new CommandFailure(2, checked.problems.join('\n'));
  return checked.config;
};

/** Serves the simulated fleet; nothing of the environment is read but the address. */
export const demo = async (options: DemoOptions, runtime: Runtime): Promise<void> => {
  const listen = options.listen ?? runtime.env('POINTSMAN_LISTEN');
  const routers = countIn('routers', options.routers) ?? 1;
  const hosts = countIn('hosts', options.hosts);
  const { redis } = options;
  const config = configOf({
    ...(listen === undefined ? {} : { listen }),
    ...(redis === undefined ? {} : { state: { driver: 'redis', url: redis } }),
  });
  const members = [...demoFleet(hosts), ...(options.clouds === true ? demoClouds() : [])];
  const prepared = await prepareDemo(config, members, runtime);
  let others: DemoRouters | undefined;
  const stopFleet = async (): Promise<void> => {
    await others?.stop();
    await prepared.stopFleet();
  };
  const url = await runServer({ ...prepared, stopFleet }, options, runtime);
  if (routers === 1) return;
  const { config: served } = prepared.loaded;
  const { state } =
    redis === undefined ? configOf({ state: { driver: 'http', url: `${url}/state` } }) : served;
  others = await startDemoRouters({ ...served, state }, routers - 1, runtime);
  if (options.json === true) runtime.out(`${JSON.stringify({ routers: [url, ...others.urls] })}\n`);
  else
    runtime.out(
      `and ${routers - 1} more before the same hosts: ${others.urls.join(', ')}\n  pointsman cluster --url ${url}\n`,
    );
};
