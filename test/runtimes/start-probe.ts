/** Starts the probe program on one runtime as a subprocess, and stops what was started. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const local = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The command each runtime is started with, before the program's own path. */
export const commands: Readonly<Record<'bun' | 'deno' | 'node', readonly [string, ...string[]]>> = {
  bun: [local('node_modules/.bin/bun')],
  deno: [local('node_modules/.bin/deno'), 'run', '-A'],
  node: ['node', '--import', 'tsx'],
};

export type RuntimeName = keyof typeof commands;

export interface Probe {
  readonly origin: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** All that was written so far. */
  readonly output: { out: string; err: string };
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
  /** Settles once standard output holds the text, and rejects if the program ends before it does. */
  saw(text: string): Promise<void>;
  /** The same for standard error. */
  told(text: string): Promise<void>;
}

/** Runs the probe until it listens or ends; `port` is 0 in the second case. */
export const startProbe = async (
  name: RuntimeName,
  env: Readonly<Record<string, string>> = {},
): Promise<Probe> => {
  const [command, ...args] = commands[name];
  const child = spawn(command, [...args, local('test/runtimes/probe-app.ts'), name, 'serve'], {
    cwd: local('.'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const collect = (stream: 'out' | 'err', data: Buffer): void => {
    output[stream] += data.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (data: Buffer) => collect('out', data));
  child.stderr.on('data', (data: Buffer) => collect('err', data));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const waitFor = (stream: 'out' | 'err', text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output[stream].includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then((code) => reject(new Error(`ended with ${code} before "${text}": ${output.err}`)));
    });
  const saw = (text: string): Promise<void> => waitFor('out', text);
  await Promise.race([saw('listening').catch(() => undefined), ended]);
  const port = Number(/listening \S+ (\d+)/.exec(output.out)?.[1] ?? 0);
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    process: child,
    output,
    ended,
    saw,
    told: (text) => waitFor('err', text),
  };
};
