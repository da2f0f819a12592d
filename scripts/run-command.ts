/** Runs a command and keeps what it said. */

import { spawn } from 'node:child_process';

export interface Ran {
  /** Absent where the command could not be started or was killed. */
  readonly exitCode?: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** Never rejects: a command that cannot be started is one that failed and says why. */
export const runCommand = (
  command: readonly [string, ...string[]],
  options: { readonly directory?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const [file, ...args] = command;
    let output = '';
    const child = spawn(file, args, {
      cwd: options.directory,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (data: Buffer): void => {
      output += data.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve(code === null ? { output } : { exitCode: code, output }));
  });
