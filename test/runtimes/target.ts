/** The four ways Pointsman is run, and the command each is started with. */

import { fileURLToPath } from 'node:url';
import { builtProgram } from './built.ts';

export type TargetName = 'bun' | 'deno' | 'node' | 'binary';

export interface Target {
  readonly name: TargetName;
  /** What the program says it runs on. */
  readonly runtime: 'bun' | 'deno' | 'node';
  /** Before the program's own arguments; absolute, so that it works from any directory. */
  readonly command: readonly [string, ...string[]];
  /** The same program as it is published, where it starts much sooner than from source. */
  readonly published?: () => readonly [string, ...string[]];
}

const local = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The runtimes as they run from source. */
export const targets: Readonly<Record<Exclude<TargetName, 'binary'>, Target>> = {
  bun: { name: 'bun', runtime: 'bun', command: [local('node_modules/.bin/bun'), local('adapters/bun.ts')] },
  deno: {
    name: 'deno',
    runtime: 'deno',
    command: [
      local('node_modules/.bin/deno'),
      'run',
      '-A',
      '--config',
      local('deno.json'),
      local('adapters/deno.ts'),
    ],
  },
  node: {
    name: 'node',
    runtime: 'node',
    command: ['node', '--import', local('node_modules/tsx/dist/loader.mjs'), local('adapters/node.ts')],
    published: () => ['node', builtProgram()],
  },
};

/** The compiled program at a path. */
export const binaryTarget = (path: string): Target => ({ name: 'binary', runtime: 'bun', command: [path] });
