/** Instances that share what they learn, through every driver, and the sidecar. */

import { expect } from 'bun:test';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '../state/redis-server.ts';
import { type FakeHost, startFakeHost } from '../state/two-instances.ts';
import { caseGroup } from './case-group.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

interface StateBench {
  readonly target: Target;
  readonly redis: RedisServer;
  readonly host: FakeHost;
  readonly folder: string;
}

interface Health {
  readonly state?: { readonly status: string; readonly instances: number };
}

const configOf = ({ host }: StateBench, state: object): object => ({
  backends: { host: { kind: 'ollama', url: host.url } },
  state,
});

const stateOf = async ({ origin }: Pointsman): Promise<Health['state']> => {
  const health: Health = await (await fetch(`${origin}/health`)).json();
  return health.state;
};

/** Waits until each of them knows of so many. */
const meet = async (instances: readonly Pointsman[], count: number): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    const states = await Promise.all(instances.map(stateOf));
    if (states.every((state) => state?.status === 'attached' && state.instances === count)) return;
    if (attempt === 150) throw new Error(`they did not meet: ${JSON.stringify(states)}`);
    await Bun.sleep(100);
  }
};

const meetThrough = async (bench: StateBench, state: object): Promise<void> => {
  const config = configOf(bench, state);
  const instances = await Promise.all([
    startPointsman(bench.target, config),
    startPointsman(bench.target, config),
  ]);
  try {
    await meet(instances, 2);
  } finally {
    await Promise.all(instances.map((instance) => instance.stop()));
  }
};

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

export const stateGroup = caseGroup<StateBench>({
  title: 'instances',
  needs: 'two instances before one engine, and a Redis that the test may start',
  timeoutMs: 40_000,
  open: async (target) => ({
    target,
    redis: await startRedis(),
    host: startFakeHost(),
    folder: mkdtempSync(join(tmpdir(), 'pointsman-folder-')),
  }),
  close: async ({ redis, host, folder }) => {
    await redis.stop();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  },
  cases: [
    {
      name: 'two instances meet in Redis',
      prove: (bench) => meetThrough(bench, { driver: 'redis', url: bench.redis.url }),
    },
    {
      name: 'two instances meet in a folder',
      prove: (bench) => meetThrough(bench, { driver: 'fs', path: bench.folder }),
    },
    {
      name: 'two instances meet at the one that keeps the state',
      prove: async (bench) => {
        const keeper = await startPointsman(bench.target, configOf(bench, {}));
        const url = `${keeper.origin}/state`;
        const other = await startPointsman(bench.target, configOf(bench, { driver: 'http', url }));
        try {
          await meet([keeper, other], 2);
        } finally {
          await Promise.all([keeper.stop(), other.stop()]);
        }
      },
    },
    {
      name: 'an instance starts although its store is away, and says that it is alone',
      prove: async (bench) => {
        const url = 'redis://127.0.0.1:1';
        const alone = await startPointsman(bench.target, configOf(bench, { driver: 'redis', url }));
        try {
          const state = async () => (await stateOf(alone))?.status;
          for (let attempt = 0; attempt < 60 && (await state()) !== 'detached'; attempt += 1)
            await Bun.sleep(100);
          expect(await state()).toBe('detached');
          await alone.saw('err', '"what":"detached"');
          expect(alone.output.err).not.toContain('127.0.0.1:1');
        } finally {
          await alone.stop();
        }
      },
    },
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
  ],
});
