/** Where figures come from: versions and the size of the machine, nothing that tells which machine it is. */

import { spawnSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { version } from '../../src/spec/version.ts';
import type { Options } from './options.ts';
import { canPin } from './pinned.ts';
import { binaryPath, denoPath, nginxPath } from './targets.ts';

export interface Surroundings {
  readonly date: string;
  readonly command: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Whether the proxy had one core and the traffic another. */
  readonly pinned: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly binaryMiB: number;
}

const firstMatch = (command: readonly string[], pattern: RegExp): string => {
  const [program = '', ...args] = command;
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
};

const commandOf = ({ sizes, only }: Options): string => {
  const size = sizes === 'full' ? [] : [`--size ${sizes}`];
  const args = [...size, ...only.map((id) => `--only ${id}`)];
  return ['npm run bench', ...(args.length === 0 ? [] : ['--']), ...args].join(' ');
};

/** Asks each program for its version. */
export const surroundings = (options: Options): Surroundings => ({
  date: new Date().toISOString().slice(0, 10),
  command: commandOf(options),
  cores: navigator.hardwareConcurrency,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
  pinned: canPin,
  versions: {
    pointsman: version,
    bun: Bun.version,
    deno: firstMatch([denoPath, '--version'], /deno (\S+)/),
    node: firstMatch(['node', '--version'], /v(\S+)/),
    ...(nginxPath === undefined ? {} : { nginx: firstMatch([nginxPath, '-v'], /nginx\/(\S+)/) }),
  },
  binaryMiB: Math.round(Bun.file(binaryPath).size / 2 ** 20),
});
