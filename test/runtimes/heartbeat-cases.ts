/** Signs of life while nothing has come, and what may still happen behind them. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, eventsOf, ollama, openAi, post, say } from './dialects.ts';
import { openStream } from './open-stream.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const afterMs = 300;
const everyMs = 200;

export interface HeartbeatBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
  /** Speaks OpenAI. */
  readonly compatible: ScriptedEngine;
}

export const openHeartbeatBench = async (target: Target): Promise<HeartbeatBench> => {
  const first = await startEngine({ kind: 'ollama', models: ['m', 'm2', 'm3', 'm4', 'alone'] });
  const second = await startEngine({ kind: 'ollama', models: ['m', 'm2', 'm3', 'm4'] });
  const compatible = await startEngine({ kind: 'openai-compatible', models: ['other'] });
  const pointsman = await startPointsman(target, {
    backends: {
      first: { kind: 'ollama', url: first.url, slots: 1, priority: 1 },
      second: { kind: 'ollama', url: second.url, slots: 1, priority: 2 },
      compatible: { kind: 'openai-compatible', url: compatible.url, slots: 1 },
    },
    // What the first host did in one case must not send the next case elsewhere.
    strategy: 'round_robin_priority',
    heartbeat: { afterMs, everyMs },
    probe: { intervalMs: 60_000 },
  });
  return { pointsman, origin: pointsman.origin, first, second, compatible };
};

export const closeHeartbeatBench = async (bench: HeartbeatBench): Promise<void> => {
  await bench.pointsman.stop();
  await Promise.all([bench.first.close(), bench.second.close(), bench.compatible.close()]);
};

/** How a sign of life reads on the wire. */
const signIn = ({ name }: Dialect): string => (name === 'OpenAI' ? ': ping' : '"content":""');

/** The facts that came too late for headers. */
const factsIn = (dialect: Dialect, stream: string): string =>
  dialect === openAi
    ? (eventsOf(stream).comments.find((comment) => comment.startsWith(': pointsman')) ?? '')
    : JSON.stringify(dialect.read(stream).objects.at(-1)?.pointsman ?? {});

const casesOf = (front: Dialect): readonly Case<HeartbeatBench>[] => [
  {
    name: `${front.name}: a silent host is bridged by signs of life, and the answer follows whole`,
    prove: async ({ origin, first }) => {
      first.answer(undefined);
      const startedAt = performance.now();
      const responding = post(origin, front.chatPath, front.chat('m'));
      const call = await first.next();
      const response = await responding;
      expect(performance.now() - startedAt).toBeGreaterThan(afterMs - 50);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(front.streamType);
      const stream = openStream(response);
      await stream.saw(signIn(front));
      while (front.read(stream.received()).signs < 3) await Bun.sleep(20);
      const waitedMs = performance.now() - startedAt;
      expect(waitedMs).toBeGreaterThan(afterMs + 2 * everyMs - 60);
      expect(waitedMs).toBeLessThan(afterMs + 2 * everyMs + 400);
      say(call, ollama, 'Hello');
      const text = await stream.ended;
      expect(front.read(text)).toMatchObject({ text: 'Hello', complete: true, error: undefined });
      expect(factsIn(front, text)).toContain('first');
      expect(await stream.cleanly).toBe(true);
    },
  },
  {
    name: `${front.name}: failover goes on behind the signs of life, and is told at the end`,
    prove: async ({ origin, first, second }) => {
      first.answer((call) => setTimeout(() => call.whole({ error: 'boom' }, 500), afterMs + 100));
      second.answer((call) => say(call, ollama, 'Hello'));
      const asked = first.calls.length + second.calls.length;
      const text = await (
        await post(origin, front.chatPath, front.chat(front === openAi ? 'm2' : 'm3'))
      ).text();
      expect(front.read(text)).toMatchObject({ text: 'Hello', complete: true });
      expect(front.read(text).signs).toBeGreaterThan(0);
      const facts = factsIn(front, text);
      expect(facts).toContain('second');
      expect(facts).toMatch(/attempts"?[=:]"?2/);
      expect(first.calls.length + second.calls.length - asked).toBe(2);
    },
  },
  {
    name: `${front.name}: a failure behind the signs of life is told in the stream, which does not end as if whole`,
    prove: async ({ origin, first }) => {
      first.answer((call) => setTimeout(() => call.whole({ error: 'bad options' }, 400), afterMs + 100));
      const response = await post(origin, front.chatPath, front.chat('alone'));
      expect(response.status).toBe(200);
      const answer = front.read(await response.text());
      expect(answer.complete).toBe(false);
      expect(answer.error).toContain('bad options');
    },
  },
  {
    name: `${front.name}: a client that leaves between two signs of life frees the host`,
    prove: async ({ origin, first }) => {
      first.answer(undefined);
      const leave = new AbortController();
      const responding = post(origin, front.chatPath, front.chat('alone'), { signal: leave.signal });
      const call = await first.next();
      const stream = openStream(await responding);
      await stream.saw(signIn(front));
      const leftAt = performance.now();
      leave.abort();
      expect((await call.closed) - leftAt).toBeLessThan(250);
    },
  },
  {
    name: `${front.name}: who waits for a slot gets signs of life too`,
    prove: async ({ origin, first }) => {
      first.answer(undefined);
      const running = post(origin, front.chatPath, front.chat('alone'));
      const call = await first.next();
      const waiting = openStream(await post(origin, front.chatPath, front.chat('alone')));
      await waiting.saw(signIn(front));
      say(call, ollama, 'first');
      expect(front.read(await (await running).text()).text).toBe('first');
      say(await first.next(), ollama, 'second');
      expect(front.read(await waiting.ended)).toMatchObject({ text: 'second', complete: true });
    },
  },
];

/** One kind of engine per dialect, so that the bytes pass. */
const unbroken = (dialect: Dialect): Case<HeartbeatBench> => ({
  name: `${dialect.name}: once the engine's bytes flow, no sign of life is put between them`,
  prove: async ({ origin, first, compatible }) => {
    const engine = dialect === openAi ? compatible : first;
    const model = dialect === openAi ? 'other' : 'alone';
    engine.answer(undefined);
    const responding = post(origin, dialect.chatPath, dialect.chat(model));
    const call = await engine.next();
    call.begin(dialect.streamType);
    call.write(dialect.text('one'));
    const stream = openStream(await responding);
    await stream.saw('one');
    await Bun.sleep(afterMs + 2 * everyMs);
    call.write(dialect.text('two') + dialect.end);
    call.end();
    expect(await stream.ended).toBe(dialect.text('one') + dialect.text('two') + dialect.end);
  },
});

export const heartbeatCases: readonly Case<HeartbeatBench>[] = [
  ...dialects.flatMap(casesOf),
  ...dialects.map(unbroken),
  {
    name: 'signs of life, the bytes of the engine and a comment with the facts are all that an OpenAI client gets',
    prove: async ({ origin, compatible }) => {
      const bytes = openAi.prelude + openAi.text('one') + openAi.end;
      compatible.answer((call) =>
        setTimeout(() => {
          call.begin(openAi.streamType);
          call.write(bytes);
          call.end();
        }, afterMs + 100),
      );
      const text = await (await post(origin, openAi.chatPath, openAi.chat('other'))).text();
      const [before, after, ...rest] = text.split(bytes);
      expect(rest).toEqual([]);
      expect(before).toMatch(/^(: ping\n\n)+$/);
      expect(after).toMatch(/^: pointsman [^\n]+\n\n$/);
    },
  },
];
