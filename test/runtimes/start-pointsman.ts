/** Starts Pointsman as a subprocess, the way a person does, and ends what it started. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Target } from './target.ts';

export interface StartOptions {
  /** Instead of `serve` with the generated configuration on a free port. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Pointsman {
  /** Where it listens; empty when it ended before that. */
  readonly origin: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly pid: number;
  /** All that was written so far. */
  readonly output: { out: string; err: string };
  /** The directory it runs in, empty but for the configuration. */
  readonly directory: string;
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
  /** Settles once one of its streams holds the text; rejects if the program ends before. */
  saw(stream: 'out' | 'err', text: string): Promise<void>;
  /** Writes the configuration file anew. */
  configure(config: object | string): void;
  /** Ends it at once. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a developer's shell may hold and a test must not see. */
const foreign = /^(OLLAMA_|POINTSMAN_|MODEL_|BUN_CONFIG_|https?_proxy$|all_proxy$|no_color$|force_color$)/i;

const cleanEnvironment = (): Record<string, string> => {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !foreign.test(name)) environment[name] = value;
  }
  return environment;
};

const configName = 'pointsman.yaml';

/** Starts it over a configuration and resolves once it listens or ended. */
export const startPointsman = async (
  { command: [program, ...before] }: Target,
  config: object | undefined,
  { args, env = {} }: StartOptions = {},
): Promise<Pointsman> => {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-'));
  const configure = (next: object | string): void =>
    writeFileSync(join(directory, configName), typeof next === 'string' ? next : stringify(next));
  if (config !== undefined) configure(config);
  const own = args ?? ['serve', '--config', configName, '--listen', '127.0.0.1:0'];
  const child = spawn(program, [...before, ...own], {
    cwd: directory,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const collect = (stream: 'out' | 'err', data: Buffer): void => {
    output[stream] += data.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (data: Buffer) => collect('out', data));
  child.stderr.on('data', (data: Buffer) => collect('err', data));
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    rmSync(directory, { recursive: true, force: true });
    return code as number | null;
  });
  const saw = (stream: 'out' | 'err', text: string): Promise<void> =>
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
  // The whole banner, not only its first line, is one write.
  await Promise.race([saw('out', 'listens on').catch(() => undefined), ended]);
  const origin = / listens on (http:\/\/\S+)/.exec(output.out)?.[1] ?? '';
  if (origin === '' && args === undefined) throw new Error(`it did not come up: ${output.err}`);
  return {
    origin,
    port: Number(origin.slice(origin.lastIndexOf(':') + 1)),
    child,
    pid: child.pid ?? 0,
    output,
    directory,
    ended,
    saw,
    configure,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
