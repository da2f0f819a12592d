/** The binary and the program for Node, made from the source as it is now. */

import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryPath, programPath } from './targets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestSourceAt = (): number =>
  Math.max(
    ...['src', 'adapters'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        changedAt(join(root, folder, name)),
      ),
    ),
  );

/** Builds where something is missing or older than what it is made of: figures of yesterday's code would mislead. */
export const ensureBuilt = (say: (line: string) => void): void => {
  if (Math.min(changedAt(binaryPath), changedAt(programPath)) >= newestSourceAt()) return;
  say('npm run build');
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run build failed:\n${stdout}${stderr}`);
};
