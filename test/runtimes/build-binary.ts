/** Builds the compiled program for its tests, beside nothing that others use. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const local = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Compiles into a directory of its own and returns the path of the program. */
export const buildBinary = (): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'pointsman-binary-')), 'pointsman');
  const args = ['build', '--compile', '--minify', '--outfile', path, local('adapters/bun.ts')];
  const { status, stderr } = spawnSync(local('node_modules/.bin/bun'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the binary could not be built: ${stderr}`);
  return path;
};
