/** Very many requests at once for a model that nobody has in memory, through three instances before the same hosts. */

import { expect } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ollama, post } from '../runtimes/dialects.ts';
import { openStream } from '../runtimes/open-stream.ts';
import { type RawClient, startRawClient } from '../runtimes/raw-client.ts';
import { type SimulatedEngine, startSimulatedEngine } from '../runtimes/simulated-engines.ts';
import { type Pointsman, startPointsman } from '../runtimes/start-pointsman.ts';
import { type Cell, cellId, type Scene, timers } from './cell.ts';
import type { Form } from './matrix.ts';
import { until } from './until.ts';

/** A twentieth of a thousand for each instance, as the timers are a twentieth of what they are in use. */
const requests = 150;
const instances = 3;
const cold = 'cold';
/** One for each host, in use all the while. */
const warmOn = ['warm-a', 'warm-b'] as const;

const upWithinMs = 15_000;
const servedWithinMs = 25_000;

/** Three processes start for it, on a machine that may be busy. */
const limitMs = 90_000;

/** Room for both of its models, and a load that takes long enough for all to have come. */
const hostWith = (warm: string): SimulatedEngine =>
  startSimulatedEngine({
    kind: 'ollama',
    vramBytes: 40 * 2 ** 30,
    contextTokens: 4096,
    slots: 16,
    models: [`${cold}=4GiB`, `${warm}=4GiB`],
    preload: [warm],
    rates: {
      prefillTokensPerSecond: 0,
      decodeTokensPerSecond: 1000,
      loadBytesPerSecond: 4 * 2 ** 30,
      sharing: 0,
    },
  });

interface Counts {
  readonly loads: number;
  readonly evictions: number;
  readonly reloads: number;
  readonly finished: number;
  readonly loaded: readonly string[];
}

const countsOf = async ({ url }: SimulatedEngine): Promise<Counts> =>
  (await fetch(`${url}/sim/stats`)).json() as Promise<Counts>;

const knowsTheOthers = async ({ origin }: Pointsman): Promise<boolean> => {
  const { instances: known } = (await (await fetch(`${origin}/api/v1/cluster`)).json()) as {
    readonly instances: readonly unknown[];
  };
  return known.length === instances;
};

const isUp = async ({ origin }: Pointsman): Promise<boolean> =>
  (await (await fetch(`${origin}/health`)).text()).includes('"status":"ok"');

/** A client of its own connection, which nobody else keeps or counts. */
const askBare = (port: number, form: Form): RawClient => {
  const text = JSON.stringify(ollama.chat(cold, { stream: form === 'stream', options: { num_predict: 2 } }));
  const head = `POST ${ollama.chatPath} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json`;
  return startRawClient(port, `${head}\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
};

interface Herd {
  readonly scene: Scene;
  readonly state: 'shared' | 'own';
}

const storms = async ({ scene, state }: Herd): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-herd-'));
  const hosts = warmOn.map(hostWith);
  const config = {
    backends: Object.fromEntries(
      hosts.map(({ url }, index) => [`host-${index}`, { kind: 'ollama', url, slots: 16 }]),
    ),
    queue: { maxRequests: requests, maxWaitMs: 60_000 },
    heartbeat: { afterMs: 0 },
    // The hosts live in the process of the test, which has much to do just then.
    timeouts: { headersMs: 15_000 },
    probe: { intervalMs: timers.probeIntervalMs, timeoutMs: 5000 },
    ...(state === 'shared' ? { state: { driver: 'fs', path: directory } } : {}),
  };
  const pointsmen = await Promise.all(
    Array.from({ length: instances }, () => startPointsman(scene.target, config)),
  );
  const isReady = async (): Promise<boolean> => {
    const ready = await Promise.all(
      pointsmen.map(async (each) => (await isUp(each)) && (state === 'own' || (await knowsTheOthers(each)))),
    );
    return ready.every((each) => each);
  };
  try {
    await until('all are up', isReady, () => scene.within(upWithinMs), 50);
    const inUse: Promise<string>[] = [];
    for (const model of warmOn) {
      const body = ollama.chat(model, { options: { num_predict: 3000 } });
      const stream = openStream(await post(pointsmen[0]?.origin ?? '', ollama.chatPath, body));
      await stream.saw('"content"');
      inUse.push(stream.ended);
    }
    const clients = Array.from({ length: requests }, (_, index) =>
      askBare(pointsmen[index % instances]?.port ?? 0, scene.form),
    );
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      for (const client of clients) client.leave('finish');
    }, scene.within(servedWithinMs));
    await Promise.all(clients.map(({ ended }) => ended));
    clearTimeout(timer);
    const isServed = ({ received }: RawClient): boolean =>
      received().startsWith('HTTP/1.1 200') && received().includes('"done":true');
    const lost = clients.filter((client) => !isServed(client));
    expect([isLate, lost.length, lost[0]?.received()]).toEqual([false, 0, undefined]);
    const counts = await Promise.all(hosts.map(countsOf));
    for (const { loads, evictions, reloads } of counts) {
      // What was in memory from the start was loaded, too.
      expect(loads).toBeLessThanOrEqual(1 + (state === 'shared' ? 1 : instances));
      expect([evictions, reloads]).toEqual([0, 0]);
    }
    expect(counts.some(({ loaded }) => loaded.some((each) => each.startsWith(cold)))).toBe(true);
    for (const text of await Promise.all(inUse)) expect(ollama.read(text).complete).toBe(true);
  } finally {
    await Promise.all(pointsmen.map(({ stop }) => stop()));
    await Promise.all(hosts.map(({ close }) => close()));
    rmSync(directory, { recursive: true, force: true });
  }
};

const herds = [
  { form: 'stream', state: 'shared', how: 'three instances that share what they do' },
  { form: 'whole', state: 'own', how: 'three instances, each by itself' },
] as const;

/** All of them, in processes of their own; only engines of one dialect take loads. */
export const herdCells: readonly Cell[] = herds.map(({ form, state, how }): Cell => {
  const place = { fault: 'herd', phase: 'loading', form } as const;
  return {
    ...place,
    id: cellId(place, ollama, how),
    dialect: ollama,
    setup: {},
    waits: false,
    lane: 'alone',
    limitMs,
    prove: (scene) => storms({ scene, state }),
  };
});
