/** What stands between load and mock in turn, and how each of them is started. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from '../../scripts/build.ts';
import { freePort } from './free-port.ts';
import { nginxConfiguration } from './nginx.ts';
import { pinned } from './pinned.ts';
import { pointsmanConfiguration } from './pointsman.ts';
import { direct, type ProxyProcess, startProxy } from './proxy-process.ts';

export const targetNames = ['direct', 'nginx', 'bare', 'binary', 'bun', 'deno', 'node'] as const;

export type TargetName = (typeof targetNames)[number];

/** The ones that are Pointsman. */
export const pointsmanNames = ['binary', 'bun', 'deno', 'node'] as const satisfies readonly TargetName[];

export interface Site {
  readonly mockPort: number;
  /** A directory for configurations and pid files, removed at the end. */
  readonly directory: string;
}

const local = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where nginx is, also where a user's path leaves out what is for administrators. */
export const nginxPath =
  Bun.which('nginx') ?? ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path));

export const binaryPath = local(built.binary);
export const programPath = local(built.program);
export const denoPath = local('node_modules/.bin/deno');

const programs: Readonly<Record<(typeof pointsmanNames)[number], readonly string[]>> = {
  binary: [binaryPath],
  bun: [process.execPath, local('adapters/bun.ts')],
  deno: [denoPath, 'run', '-A', local('adapters/deno.ts')],
  node: ['node', programPath],
};

/** Starts one of them over a configuration of the row's own. */
export const startConfigured = async (
  name: (typeof pointsmanNames)[number],
  { directory }: Site,
  configurationOn: (port: number) => string,
): Promise<ProxyProcess> => {
  const port = freePort();
  const path = join(directory, `pointsman-${port}.yaml`);
  await writeFile(path, configurationOn(port));
  return await startProxy(pinned('proxy', [...programs[name], 'serve', '--config', path]), port);
};

const startNginx = async (path: string, { mockPort, directory }: Site): Promise<ProxyProcess> => {
  const port = freePort();
  const configuration = join(directory, `nginx-${port}.conf`);
  await writeFile(configuration, nginxConfiguration({ port, mockPort, directory }));
  return await startProxy(
    pinned('proxy', [path, '-p', directory, '-e', 'stderr', '-c', configuration]),
    port,
  );
};

/** Bun holds back what exceeds 256 requests unless it is told otherwise at its start. */
const withoutCap = ['env', 'BUN_CONFIG_MAX_HTTP_REQUESTS=65535'];

const startBare = (mockPort: number): Promise<ProxyProcess> => {
  const port = freePort();
  const script = [process.execPath, local('test/bench/bare-proxy.ts')];
  return startProxy(
    pinned('proxy', [...withoutCap, ...script, `http://127.0.0.1:${mockPort}`, String(port)]),
    port,
  );
};

/** Starts one; undefined where this machine does not have it. */
export const startTarget = async (name: TargetName, site: Site): Promise<ProxyProcess | undefined> => {
  switch (name) {
    case 'direct':
      return direct(site.mockPort);
    case 'nginx':
      return nginxPath === undefined ? undefined : await startNginx(nginxPath, site);
    case 'bare':
      return await startBare(site.mockPort);
    default:
      return await startConfigured(name, site, (port) => pointsmanConfiguration(port, site.mockPort));
  }
};
