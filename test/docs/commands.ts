/** Runs what pages tell people to type. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Pointsman, startPointsman } from '../runtimes/start-pointsman.ts';
import { targets } from '../runtimes/target.ts';
import { root } from './pages.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program in the project's folder to its end. */
export const runToEnd = async (command: readonly [string, ...string[]]): Promise<Ended> => {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => {
    said.out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    said.err += data.toString();
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...said };
};

export interface Demo {
  readonly pointsman: Pointsman;
  /** A text with the addresses of the pages replaced by those of this demo. */
  here(text: string): string;
}

/** Starts the simulated fleet and a Pointsman before it, on free ports where the usual ones are taken. */
export const startDemo = async (...flags: readonly string[]): Promise<Demo> => {
  const pointsman = await startPointsman(targets.bun, undefined, {
    args: ['demo', ...flags, '--listen', '127.0.0.1:0'],
  });
  const health = (await (await fetch(`${pointsman.origin}/health`)).json()) as {
    readonly backends: readonly { readonly url: string }[];
  };
  return {
    pointsman,
    here: (text) => {
      let changed = text.replaceAll('127.0.0.1:5010', `127.0.0.1:${pointsman.port}`);
      for (const [index, { url }] of health.backends.entries()) {
        changed = changed.replaceAll(`http://127.0.0.1:${5011 + index}`, url);
      }
      return changed;
    },
  };
};

/** Runs a line as a shell does. */
export const runLine = (line: string): Promise<Ended> => runToEnd(['sh', '-c', line]);
