/** The sidecar: the same program beside one engine. */

import { expect } from 'bun:test';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nvidiaAsked, writeTool } from '../cli/gpu-tools.ts';
import { type FakeHost, startFakeHost } from '../state/two-instances.ts';
import { caseGroup } from './case-group.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

interface SidecarBench {
  readonly target: Target;
  readonly host: FakeHost;
  readonly folder: string;
}

/** Runs to its end; what it wrote to standard error, and its exit code. */
const complaint = ({ command: [program, ...before] }: Target, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(program, [...before, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.on('close', (code) => resolve(`${code}: ${text}`));
  });

export const sidecarGroup = caseGroup<SidecarBench>({
  title: 'a sidecar',
  needs:
    'an engine on loopback that tells how it is asked, and a program in the place of the one that tells of a GPU',
  timeoutMs: 20_000,
  starts: 'often',
  open: async (target) => ({
    target,
    host: startFakeHost(),
    folder: mkdtempSync(join(tmpdir(), 'pointsman-tools-')),
  }),
  close: async ({ host, folder }) => {
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  },
  cases: [
    {
      name: 'a sidecar refuses an engine that is not on its machine',
      prove: async ({ target }) => {
        const told = await complaint(target, ['sidecar', '--backend', 'http://10.1.2.3:11434']);
        expect(told).toStartWith('2: ');
        expect(told).toContain('is not on this machine');
      },
    },
    {
      name: 'a sidecar serves the engine beside it and says what it carries',
      prove: async ({ target, host }) => {
        const args = ['sidecar', '--backend', host.url, '--slots', '3', '--listen', '127.0.0.1:0'];
        const sidecar = await startPointsman(target, undefined, { args });
        try {
          const answer = await fetch(`${sidecar.origin}/api/chat`, {
            method: 'POST',
            headers: { 'x-pointsman-hops': '1' },
            body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
          });
          expect(answer.status).toBe(200);
          expect(answer.headers.get('x-pointsman-load')).toMatch(/^0 0 3( \d+ \d+)?$/);
          expect((await fetch(`${sidecar.origin}/api/delete`, { method: 'DELETE', body: '{}' })).status).toBe(
            501,
          );
        } finally {
          await sidecar.stop();
        }
      },
    },
    {
      name: 'a sidecar takes a changed file as it runs, and keeps the engine it was told of',
      prove: async ({ target, host, folder }) => {
        const path = join(folder, 'sidecar.yaml');
        writeFileSync(path, 'auth: { keys: [{ name: one, key: key-of-the-first }] }\n');
        const args = ['sidecar', '--backend', host.url, '--listen', '127.0.0.1:0', '-c', path];
        const sidecar = await startPointsman(target, undefined, { args });
        const asked = async (key: string): Promise<number> => {
          const answer = await fetch(`${sidecar.origin}/api/chat`, {
            method: 'POST',
            headers: { authorization: `Bearer ${key}` },
            body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
          });
          await answer.arrayBuffer();
          return answer.status;
        };
        try {
          expect([await asked('key-of-the-first'), await asked('key-of-the-other')]).toEqual([200, 401]);
          writeFileSync(
            path,
            'auth: { keys: [{ name: other, key: key-of-the-other }] }\nbackends: { far: { kind: ollama, url: "http://10.1.2.3:1" } }\n',
          );
          sidecar.child.kill('SIGHUP');
          await sidecar.saw('err', 'configuration applied');
          expect([await asked('key-of-the-first'), await asked('key-of-the-other')]).toEqual([401, 200]);
        } finally {
          await sidecar.stop();
        }
      },
    },
    {
      name: 'a sidecar says how much GPU memory a tool of its machine tells',
      prove: async ({ target, host, folder }) => {
        const bin = join(folder, 'bin');
        writeTool(bin, 'nvidia-smi', nvidiaAsked, { text: '24564, 22041' });
        const args = ['sidecar', '--backend', host.url, '--slots', '3', '--listen', '127.0.0.1:0'];
        const env = { PATH: `${bin}:${process.env.PATH}` };
        const sidecar = await startPointsman(target, undefined, { args, env });
        try {
          const load = async (): Promise<string | null> => {
            const answer = await fetch(`${sidecar.origin}/api/chat`, {
              method: 'POST',
              headers: { 'x-pointsman-hops': '1' },
              body: JSON.stringify({
                model: 'm',
                stream: false,
                messages: [{ role: 'user', content: 'hi' }],
              }),
            });
            await answer.arrayBuffer();
            return answer.headers.get('x-pointsman-load');
          };
          for (let attempt = 0; attempt < 60 && (await load()) === '0 0 3'; attempt += 1) await Bun.sleep(50);
          // A machine with a card whose driver tells it is asked there.
          expect(await load()).toMatch(/^0 0 3 \d{9,} \d{9,}$/);
        } finally {
          await sidecar.stop();
        }
      },
    },
  ],
});
