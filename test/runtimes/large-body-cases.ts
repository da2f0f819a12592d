/** Images of tens of megabytes: they arrive whole, cost a bounded amount of memory, and leave nothing behind. */

import { expect } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, ollama, post } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const imageBytes = 50_000_000;

/** How many times its own size a body may cost at the most. */
const factorOf = ({ runtime }: Target): number => (runtime === 'bun' ? 3 : 5);

/** What a collector may be late by. */
const noiseBytes = 25_000_000;

/** The signature of a picture and then the alphabet of base64: nothing here looks into it. */
const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA'
  .repeat(Math.ceil(imageBytes / 72))
  .slice(0, imageBytes);

export interface LargeBodyBench {
  readonly target: Target;
  readonly native: ScriptedEngine;
  readonly compatible: ScriptedEngine;
  /** Answers before it has read and hangs up. */
  readonly hasty: ScriptedEngine;
}

export const openLargeBodyBench = async (target: Target): Promise<LargeBodyBench> => ({
  target,
  native: await startEngine({ kind: 'ollama', models: ['m', 'twice'], forgets: true }),
  compatible: await startEngine({ kind: 'openai-compatible', models: ['other'], forgets: true }),
  hasty: await startEngine({
    kind: 'ollama',
    models: ['twice'],
    onHead: (socket) => {
      socket.end(
        'HTTP/1.1 503 Busy\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"error":"busy"}',
      );
    },
  }),
});

export const closeLargeBodyBench = async ({ native, compatible, hasty }: LargeBodyBench): Promise<void> => {
  await Promise.all([native.close(), compatible.close(), hasty.close()]);
};

const bodyOf = (front: Dialect, model: string, data: string): object => {
  const parts = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
  ];
  const message =
    front === ollama
      ? { role: 'user', content: 'What is this?', images: [data] }
      : { role: 'user', content: parts };
  return front.chat(model, { messages: [message], stream: false });
};

/** Sends one and sees that it arrives whole. */
const sendImage = async (
  bench: LargeBodyBench,
  { origin }: Pointsman,
  [front, back]: readonly [Dialect, Dialect],
  data = image,
): Promise<void> => {
  let arrived = false;
  (back === ollama ? bench.native : bench.compatible).answer((call) => {
    arrived = Buffer.from(call.bytes.buffer, call.bytes.byteOffset, call.bytes.length).includes(data);
    call.whole(back.whole('A dot'));
  });
  const response = await post(origin, front.chatPath, bodyOf(front, back === ollama ? 'm' : 'other', data));
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('A dot');
  expect(arrived).toBe(true);
};

const memoryBytes = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
};

const pairs = dialects.flatMap((front) => dialects.map((back) => [front, back] as const));

/** Runs with a Pointsman of its own that has loaded all its code, so that memory is the body's. */
const withFresh = async (
  bench: LargeBodyBench,
  run: (pointsman: Pointsman) => Promise<void>,
): Promise<void> => {
  const pointsman = await startPointsman(bench.target, {
    backends: {
      hasty: { kind: 'ollama', url: bench.hasty.url, priority: 0 },
      native: { kind: 'ollama', url: bench.native.url },
      compatible: { kind: 'openai-compatible', url: bench.compatible.url },
    },
    probe: { intervalMs: 60_000 },
  });
  try {
    for (const pair of pairs) await sendImage(bench, pointsman, pair, image.slice(0, 1000));
    await run(pointsman);
  } finally {
    await pointsman.stop();
  }
};

const costs = ([front, back]: readonly [Dialect, Dialect]): Case<LargeBodyBench> => ({
  name: `${front.name} over ${back.kind}: an image of 50 MB arrives whole and costs a few times its size`,
  prove: (bench) =>
    withFresh(bench, async (pointsman) => {
      const before = memoryBytes(pointsman.pid, 'VmRSS');
      // The highest point is counted from here on.
      writeFileSync(`/proc/${pointsman.pid}/clear_refs`, '5');
      await sendImage(bench, pointsman, [front, back]);
      const cost = memoryBytes(pointsman.pid, 'VmHWM') - before;
      expect(cost).toBeGreaterThan(imageBytes / 2);
      expect(cost).toBeLessThan(factorOf(bench.target) * imageBytes + noiseBytes);
    }),
});

export const largeBodyCases: readonly Case<LargeBodyBench>[] = [
  ...pairs.map(costs),
  {
    name: 'a dozen images of 50 MB leave nothing behind',
    prove: (bench) =>
      withFresh(bench, async ({ pid, ...pointsman }) => {
        const before = memoryBytes(pid, 'VmRSS');
        for (let round = 0; round < 3; round += 1) {
          for (const pair of pairs) await sendImage(bench, { pid, ...pointsman }, pair);
        }
        // What is garbage goes at the collector's leisure; a dozen bodies would be far above this.
        const bound = before + factorOf(bench.target) * imageBytes + noiseBytes;
        for (let waited = 0; waited < 200 && memoryBytes(pid, 'VmRSS') > bound; waited += 1)
          await Bun.sleep(100);
        expect(memoryBytes(pid, 'VmRSS')).toBeLessThan(bound);
      }),
  },
  {
    name: 'a host that turns a large body away before it has read it is passed over',
    prove: (bench) =>
      withFresh(bench, async ({ origin }) => {
        bench.native.answer((call) => call.whole(ollama.whole('A dot')));
        const response = await post(origin, '/api/chat', bodyOf(ollama, 'twice', image));
        expect(await response.text()).toContain('A dot');
        expect(response.headers.get('x-pointsman-backend')).toBe('native');
        expect(response.headers.get('x-pointsman-attempts')).toBe('2');
      }),
  },
];
