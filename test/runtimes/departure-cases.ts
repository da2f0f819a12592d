/** The first promise: a client that leaves frees the host at once, in whatever phase its request is. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { at, type Dialect, dialects, openAi, post, say } from './dialects.ts';
import { type RawClient, startRawClient } from './raw-client.ts';
import { type Call, type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type SilentHost, startSilentHost } from './silent-host.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** How soon the host must be free. */
const freedWithinMs = 250;

export interface DepartureBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  readonly engines: Readonly<Record<Dialect['kind'], ScriptedEngine>>;
  readonly silent: SilentHost;
}

const model = 'm';
const far = 'far';

export const openDepartureBench = async (target: Target): Promise<DepartureBench> => {
  const engines = {
    ollama: await startEngine({ kind: 'ollama', models: ['m-native'] }),
    'openai-compatible': await startEngine({ kind: 'openai-compatible', models: ['m-compatible'] }),
  };
  const silent = await startSilentHost(far);
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: engines.ollama.url, slots: 1 },
      compatible: { kind: 'openai-compatible', url: engines['openai-compatible'].url, slots: 1 },
      silent: { kind: 'openai-compatible', url: silent.url, slots: 1 },
    },
    heartbeat: { afterMs: 0 },
    probe: { intervalMs: 60_000 },
  });
  return { pointsman, origin: pointsman.origin, engines, silent };
};

export const closeDepartureBench = async ({ pointsman, engines, silent }: DepartureBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all([...Object.values(engines).map((engine) => engine.close()), silent.close()]);
};

const modelOf = (back: Dialect): string =>
  back.kind === 'ollama' ? `${model}-native` : `${model}-compatible`;

/** A request written by hand, so that the test decides how the connection ends. */
const ask = ({ pointsman }: DepartureBench, { chatPath }: Dialect, body: object): RawClient => {
  const text = JSON.stringify(body);
  const head = `POST ${chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  return startRawClient(pointsman.port, `${head}\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
};

const until = async (holds: () => boolean | Promise<boolean>, withinMs: number): Promise<number> => {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - startedAt;
};

const statsOf = async ({ origin }: DepartureBench): Promise<Record<string, unknown>> =>
  (await (await fetch(`${origin}/stats`)).json()) as Record<string, unknown>;

/** The one slot is free again: the next request is sent to the host at once. */
const slotIsFree = async (bench: DepartureBench, back: Dialect): Promise<void> => {
  const engine = bench.engines[back.kind];
  engine.answer((call) => say(call, back, 'next'));
  const startedAt = performance.now();
  const response = await post(bench.origin, back.chatPath, back.chat(modelOf(back)));
  expect(back.read(await response.text())).toMatchObject({ text: 'next', complete: true });
  expect(Number(response.headers.get('x-pointsman-queue-ms'))).toBeLessThan(freedWithinMs);
  expect(performance.now() - startedAt).toBeLessThan(2 * freedWithinMs);
  expect((await statsOf(bench)).inflight).toBe(0);
};

interface Phase {
  /** Completes "leaving …". */
  readonly name: string;
  readonly stream: boolean;
  /** Brings the request into the phase. */
  readonly reach: (call: Call, back: Dialect, client: RawClient) => Promise<void> | void;
}

const phases: readonly Phase[] = [
  { name: 'before headers', stream: true, reach: () => undefined },
  { name: 'before the headers of a whole answer', stream: false, reach: () => undefined },
  {
    name: 'before content',
    stream: true,
    reach: async (call, { streamType, prelude }) => {
      call.begin(streamType);
      call.write(prelude);
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  },
  {
    name: 'in the middle of a whole answer',
    stream: false,
    reach: async (call) => {
      call.begin('application/json');
      call.write('{"message":');
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  },
  {
    name: 'while it streams',
    stream: true,
    reach: async (call, { streamType, text }, client) => {
      call.begin(streamType);
      call.write(text('begun'));
      await client.saw('begun');
    },
  },
];

const leaves = (phase: Phase, front: Dialect, back: Dialect): Case<DepartureBench> => ({
  name: `${front.name} over ${back.kind}: leaving ${phase.name} closes the host's connection and frees its slot`,
  prove: async (bench) => {
    const engine = bench.engines[back.kind];
    for (const how of ['finish', 'reset'] as const) {
      engine.answer(undefined);
      const client = ask(bench, front, front.chat(modelOf(back), { stream: phase.stream }));
      const call = await engine.next();
      await phase.reach(call, back, client);
      const leftAt = performance.now();
      client.leave(how);
      expect((await call.closed) - leftAt).toBeLessThan(freedWithinMs);
      await slotIsFree(bench, back);
    }
  },
});

const leavesQueue = (front: Dialect, back: Dialect): Case<DepartureBench> => ({
  name: `${front.name} over ${back.kind}: leaving the queue frees the place, and the host never hears of it`,
  prove: async (bench) => {
    const engine = bench.engines[back.kind];
    for (const how of ['finish', 'reset'] as const) {
      engine.answer(undefined);
      const first = ask(bench, front, front.chat(modelOf(back)));
      const call = await engine.next();
      const asked = engine.calls.length;
      const second = ask(bench, front, front.chat(modelOf(back)));
      await until(async () => (await statsOf(bench)).queued === 1, 2000);
      second.leave(how);
      await until(async () => (await statsOf(bench)).queued === 0, freedWithinMs);
      say(call, back, 'first');
      await first.saw('first');
      await until(async () => (await statsOf(bench)).inflight === 0, 2000);
      expect(engine.calls.length).toBe(asked);
      first.leave('finish');
      await slotIsFree(bench, back);
    }
  },
});

const waitsInLine = (dialect: Dialect): Case<DepartureBench> => ({
  name: `${dialect.name}: what exceeds the slots waits here, and is served in order of arrival`,
  prove: async (bench) => {
    const engine = bench.engines[dialect.kind];
    engine.answer(undefined);
    const asked = engine.calls.length;
    const responses: Promise<Response>[] = [];
    for (const place of [0, 1, 2]) {
      responses.push(post(bench.origin, dialect.chatPath, dialect.chat(modelOf(dialect), { place })));
      await until(async () => Number((await statsOf(bench)).queued) === place, 2000);
    }
    for (const [place, responding] of responses.entries()) {
      const call = await engine.next();
      expect(engine.calls.length).toBe(asked + place + 1);
      expect(call.body.place).toBe(place);
      await new Promise((resolve) => setTimeout(resolve, 20));
      say(call, dialect, 'fine');
      const response = await responding;
      expect(dialect.read(await response.text()).text).toBe('fine');
      expect(Number(response.headers.get('x-pointsman-queue-ms'))).toBeGreaterThanOrEqual(place * 20);
    }
  },
});

/** Leaves a request that waits for a connection, and looks at once at what became of it. */
const whileConnecting = async (bench: DepartureBench, look: () => Promise<void>): Promise<void> => {
  await bench.silent.freeze();
  for (const how of ['finish', 'reset'] as const) {
    const client = ask(bench, openAi, openAi.chat(far));
    await until(async () => (await statsOf(bench)).inflight === 1, 2000);
    await until(() => bench.silent.waitedForBy(bench.pointsman.pid) > 0, 2000);
    client.leave(how);
    await look();
  }
};

const pairs = dialects.flatMap((front) => dialects.map((back) => ({ front, back })));

export const departureCases: readonly Case<DepartureBench>[] = [
  ...pairs.flatMap(({ front, back }) => phases.map((phase) => leaves(phase, front, back))),
  ...dialects.map((dialect) => leavesQueue(dialect, dialect)),
  ...dialects.map(waitsInLine),
  {
    name: 'leaving while a host takes no connection frees its slot',
    prove: (bench) =>
      whileConnecting(bench, async () => {
        await until(async () => (await statsOf(bench)).inflight === 0, freedWithinMs);
        expect(at(await statsOf(bench), 'backends', 2, 'inflight')).toBe(0);
      }),
  },
  {
    name: 'leaving while a host takes no connection gives up the attempt to connect',
    prove: (bench) =>
      whileConnecting(bench, async () => {
        await until(() => bench.silent.waitedForBy(bench.pointsman.pid) === 0, freedWithinMs);
      }),
  },
];
