/** Instances that share what they learn, through every driver. */

import { expect } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '../state/redis-server.ts';
import { type RedisShape, startRedisCluster, startRedisWithTls } from '../state/redis-shapes.ts';
import { type FakeHost, startFakeHost } from '../state/two-instances.ts';
import { caseGroup } from './case-group.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

interface StateBench {
  readonly target: Target;
  readonly redis: RedisServer;
  readonly behindTls: RedisShape;
  readonly redisCluster: RedisShape;
  readonly host: FakeHost;
  readonly folder: string;
}

interface Health {
  readonly state?: { readonly status: string; readonly instances: number };
}

/** Each case is a cluster of its own: what another left in the same store is signed by another secret. */
const configOf = ({ host }: StateBench, state: object): object => ({
  backends: { host: { kind: 'ollama', url: host.url } },
  state: { secret: crypto.randomUUID(), ...state },
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

interface Cluster {
  readonly instance: string;
  readonly instances: readonly {
    readonly self: boolean;
    readonly state: string;
    readonly silentMs: number;
  }[];
}

const clusterOf = async ({ origin }: Pointsman): Promise<Cluster> =>
  (await fetch(`${origin}/api/v1/cluster`)).json();

const names = async (instances: readonly Pointsman[]): Promise<readonly string[]> =>
  (await Promise.all(instances.map(clusterOf))).map(({ instance }) => instance).sort();

export const stateGroup = caseGroup<StateBench>({
  title: 'instances',
  needs: 'two instances before one engine, and a Redis that the test may start',
  timeoutMs: 40_000,
  starts: 'often',
  open: async (target) => ({
    target,
    redis: await startRedis(),
    behindTls: await startRedisWithTls(),
    redisCluster: await startRedisCluster(1),
    host: startFakeHost(),
    folder: mkdtempSync(join(tmpdir(), 'pointsman-folder-')),
  }),
  close: async ({ redis, behindTls, redisCluster, host, folder }) => {
    for (const server of [redis, behindTls, redisCluster]) await server.stop();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  },
  cases: [
    {
      name: 'two instances meet in Redis',
      prove: (bench) => meetThrough(bench, { driver: 'redis', url: bench.redis.url }),
    },
    {
      name: 'two instances meet in Redis behind TLS',
      prove: (bench) =>
        meetThrough(bench, { driver: 'redis', url: bench.behindTls.url, ca: bench.behindTls.ca }),
    },
    {
      name: 'an instance does not believe a Redis whose certificate nobody it trusts has signed',
      prove: async (bench) => {
        const config = configOf(bench, { driver: 'redis', url: bench.behindTls.url });
        const alone = await startPointsman(bench.target, config);
        try {
          await alone.saw('err', '"what":"detached"');
          expect((await stateOf(alone))?.status).toBe('detached');
        } finally {
          await alone.stop();
        }
      },
    },
    {
      name: 'two instances meet in a cluster of Redis',
      prove: (bench) => meetThrough(bench, { driver: 'redis', url: bench.redisCluster.url }),
    },
    {
      name: 'an instance that is killed is gone for the other within six seconds',
      prove: async (bench) => {
        const config = configOf(bench, { driver: 'redis', url: bench.redis.url });
        const [killed, left] = [
          await startPointsman(bench.target, config),
          await startPointsman(bench.target, config),
        ];
        try {
          await meet([killed, left], 2);
          const since = performance.now();
          await killed.stop();
          const isGone = async (): Promise<boolean> =>
            (await clusterOf(left)).instances.every(({ self, state }) => self || state === 'silent');
          while (!(await isGone()) && performance.now() - since < 9_000) await Bun.sleep(25);
          expect(performance.now() - since).toBeLessThanOrEqual(6_000);
        } finally {
          await Promise.all([killed.stop(), left.stop()]);
        }
      },
    },
    {
      name: 'two instances with one name that start together are two',
      prove: async (bench) => {
        const state = { driver: 'redis', url: bench.redis.url, instance: 'twin' };
        const config = configOf(bench, state);
        const twins = await Promise.all([1, 2].map(() => startPointsman(bench.target, config)));
        try {
          await meet(twins, 2);
          const [one = '', other = ''] = await names(twins);
          expect(one).toBe('twin');
          expect(other).toMatch(/^twin-[a-z0-9]{6}$/i);
        } finally {
          await Promise.all(twins.map((twin) => twin.stop()));
        }
      },
    },
    {
      name: 'two instances meet in a folder',
      prove: (bench) => meetThrough(bench, { driver: 'fs', path: bench.folder }),
    },
    {
      name: 'two instances meet at the one that keeps the state',
      prove: async (bench) => {
        const secret = crypto.randomUUID();
        const keeper = await startPointsman(bench.target, configOf(bench, { secret }));
        const url = `${keeper.origin}/state`;
        const other = await startPointsman(bench.target, configOf(bench, { secret, driver: 'http', url }));
        try {
          await meet([keeper, other], 2);
        } finally {
          await Promise.all([keeper.stop(), other.stop()]);
        }
      },
    },
    {
      name: 'an instance that names no backend starts where it may find peers, and finds them',
      prove: async (bench) => {
        const state = { secret: crypto.randomUUID(), driver: 'fs', path: bench.folder };
        const config = configOf(bench, { ...state, instance: 'box', advertise: 'http://127.0.0.1:1' });
        const box = await startPointsman(bench.target, config);
        const bare = { backends: {}, state: { ...state, findPeers: true } };
        const router = await startPointsman(bench.target, bare);
        try {
          expect(router.origin).not.toBe('');
          const found = async (): Promise<boolean> =>
            (await (await fetch(`${router.origin}/health`)).text()).includes('"backend":"box"');
          for (let attempt = 0; attempt < 100 && !(await found()); attempt += 1) await Bun.sleep(50);
          expect(await found()).toBe(true);
        } finally {
          await Promise.all([box.stop(), router.stop()]);
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
  ],
});
