/** What sharing costs each of sixteen instances before 64 backends with 500 models: processor time and bytes. */

import process from 'node:process';
import { parseConfig } from '../../src/config/parse.ts';
import { toSettings } from '../../src/config/settings.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { type Host, pairOf } from '../../src/gateway/host.ts';
import { portsWith } from '../../src/gateway/native-ports.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/store.ts';

export interface StateCost {
  /** Of one core, for one instance. */
  readonly share: number;
  /** Read and written by one instance. */
  readonly bytesPerSecond: number;
  readonly instances: number;
}

const instances = 16;
const backends = 64;
const models = 500;

/** Each backend has its part of the models. */
const modelsOf = (backend: number): readonly string[] =>
  Array.from({ length: models }, (_, index) => `model-${index}:latest`).filter(
    (_, index) => index % 8 === backend % 8,
  );

const furnish = (host: Host, backend: number, now: number): void => {
  host.cards = new Map(
    modelsOf(backend).map((name, index) => [
      name,
      { name, digest: 'd', sizeBytes: 1e9, ...(index < 2 ? { loaded: { sizeVramBytes: 1e9 } } : {}) },
    ]),
  );
  for (const name of host.cards.keys()) pairOf(host, name);
  Object.assign(host, {
    health: { state: 'up', failures: 0 },
    tellsLoaded: true,
    lookedAt: now,
    probedAt: now,
  });
};

const counted = (store: StateStore, count: { bytes: number }): StateStore => ({
  ...store,
  keys: async () => {
    const keys = await store.keys();
    for (const key of keys) count.bytes += key.length + 8;
    return keys;
  },
  read: async (keys) => {
    const texts = await store.read(keys);
    for (const key of keys) count.bytes += key.length + 8;
    for (const text of texts.values()) count.bytes += text.length + 8;
    return texts;
  },
  write: (key, text, lifeMs) => {
    count.bytes += key.length + text.length + 16;
    return store.write(key, text, lifeMs);
  },
  close: async () => undefined,
});

/** What a request leaves behind, as far as others hear of it. */
const work = (gateway: Gateway, now: number): void => {
  const hosts = gateway.fleet.hosts();
  for (let turn = 0; turn < 20; turn += 1) {
    const at = Math.floor(Math.random() * hosts.length);
    const host = hosts[at];
    const pair = host?.pairs.get(`model-${8 * Math.floor(Math.random() * 60) + (at % 8)}:latest`);
    if (host === undefined || pair === undefined) continue;
    host.inflight = Math.floor(Math.random() * 4);
    const { rates } = pair;
    pair.rates = {
      ...rates,
      samples: rates.samples + 1,
      updatedAt: now,
      evidence: { ...rates.evidence, prefill: 4, decode: 4 },
    };
  }
};

/** Runs all of them in this process for so long. */
export const measureStateCost = async (how: 'idle' | 'loaded', seconds: number): Promise<StateCost> => {
  const lines = Array.from(
    { length: backends },
    (_, index) => `  b${index}: { kind: ollama, url: "http://10.0.0.${index + 1}:11434", slots: 4 }`,
  );
  const parsed = await parseConfig(`backends:\n${lines.join('\n')}`, {
    env: () => undefined,
    readTextFile: async () => '',
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const settings = toSettings(parsed.config, new Set());
  const shared = createMemoryStore();
  const count = { bytes: 0 };
  const ports = portsWith({ fetch: () => Promise.reject(new Error('no network')) });
  const gateways = Array.from({ length: instances }, (_, index) =>
    createGateway(settings, ports, () => undefined, {
      hostname: `box${index}`,
      store: counted(shared, count),
    }),
  );
  for (const { fleet } of gateways) {
    for (const [index, host] of fleet.hosts().entries()) furnish(host, index, performance.now());
    fleet.reindex();
  }
  await Bun.sleep(6_000);
  const working =
    how === 'loaded'
      ? setInterval(() => {
          for (const each of gateways) work(each, performance.now());
        }, 100)
      : undefined;
  await Bun.sleep(2_000);
  count.bytes = 0;
  const before = process.cpuUsage();
  const since = performance.now();
  await Bun.sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - since;
  clearInterval(working);
  const seen = gateways.map(({ cluster }) => cluster.state()?.instances ?? 0);
  for (const gateway of gateways) gateway.stop();
  return {
    share: (user + system) / 1000 / tookMs / instances,
    bytesPerSecond: (count.bytes * 1000) / tookMs / instances,
    instances: Math.min(...seen),
  };
};
