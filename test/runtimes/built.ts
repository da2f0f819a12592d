/** What is built, for its tests: the one in place if it is of this source, else one compiled aside. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryArguments, built, programArguments } from '../../scripts/build.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestSource = (): number => {
  const files = ['src', 'adapters'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(root, folder, name),
    ),
  );
  return Math.max(...[...files, join(root, 'package.json'), join(root, 'scripts/build.ts')].map(changedAt));
};

/** Below the project, since the program for Node finds its packages only from there. */
const cache = join(root, 'node_modules/.cache/pointsman');

/** The first that is newer than the source; compiled where none is. */
const fresh = (path: string, args: readonly string[]): string => {
  const cached = join(cache, basename(path));
  const ready = [join(root, path), cached].find((each) => changedAt(each) > newestSource());
  if (ready !== undefined) return ready;
  mkdirSync(cache, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ['build', ...args, `--outfile=${cached}`], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${path} could not be built: ${stderr}`);
  return cached;
};

/** The path of the binary. */
export const builtBinary = (): string => fresh(built.binary, binaryArguments);

/** The path of the program for Node. */
export const builtProgram = (): string => fresh(built.program, programArguments);
