/** The compiled program for its tests: the one that is there if it is of this source, else one of their own. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryArguments, built } from '../../scripts/build.ts';

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

/** The path of a program compiled from the source as it is. */
export const buildBinary = (): string => {
  const ready = join(root, built.binary);
  if (changedAt(ready) > newestSource()) return ready;
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-binary-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'pointsman');
  const { status, stderr } = spawnSync(process.execPath, ['build', ...binaryArguments, `--outfile=${path}`], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the binary could not be built: ${stderr}`);
  return path;
};
