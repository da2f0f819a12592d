/** A table of names for one process alone, which its system resolver reads as it reads that of the machine. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../runtimes/target.ts';

/** A user and a mount namespace, which Linux gives to everybody where nobody forbade it. */
const apart = ['unshare', '--user', '--map-root-user', '--mount'] as const;

const table = '/etc/hosts';

/** Whether a process may have one here. */
export const ownNames: 'allowed' | 'refused' =
  spawnSync(apart[0], [...apart.slice(1), 'mount', '--bind', table, table]).status === 0
    ? 'allowed'
    : 'refused';

export interface NameTable {
  /** The program as it sees the world by this table. */
  over(target: Target): Target;
  /** From now on the name stands for that address. */
  point(name: string, address: string): void;
}

/** One with nothing in it but this machine. */
export const createNameTable = (): NameTable => {
  const path = join(mkdtempSync(join(tmpdir(), 'pointsman-names-')), 'hosts');
  const point = (name: string, address: string): void =>
    writeFileSync(path, `127.0.0.1 localhost\n${address} ${name}\n`);
  writeFileSync(path, '127.0.0.1 localhost\n');
  return {
    over: ({ command, ...target }) => ({
      ...target,
      command: [...apart, 'sh', '-c', `mount --bind "$0" ${table} && exec "$@"`, path, ...command],
    }),
    point,
  };
};
