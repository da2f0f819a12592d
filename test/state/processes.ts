/** Instances as processes of their own, so that they can be killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface InstanceProcess {
  readonly url: string;
  readonly process: ChildProcess;
  page<Answer>(path: string): Promise<Answer>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

/** Starts one over a configuration; resolves once it listens. */
export const startProcess = async (configuration: string): Promise<InstanceProcess> => {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-instance-'));
  const path = join(folder, 'pointsman.yaml');
  writeFileSync(path, configuration);
  const args = ['adapters/bun.ts', 'serve', '-c', path, '--listen', '127.0.0.1:0', '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('\n')) resolve(String(JSON.parse(text).url));
    });
    child.once('exit', () => reject(new Error('the instance ended before it listened')));
  });
  return {
    url,
    process: child,
    page: async (at) => (await fetch(`${url}${at}`)).json(),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => {
          child.once('exit', resolve);
        });
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
