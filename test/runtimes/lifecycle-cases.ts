/** Configuration that changes and a process that ends, with streams running. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, ollama, openAi, post, say, type Wire } from './dialects.ts';
import { type OpenStream, openStream } from './open-stream.ts';
import { type Call, type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

export interface LifecycleBench {
  readonly target: Target;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
}

export const openLifecycleBench = async (target: Target): Promise<LifecycleBench> => ({
  target,
  first: await startEngine({ kind: 'ollama', models: ['m', 'only-first'] }),
  second: await startEngine({ kind: 'ollama', models: ['m', 'only-second'] }),
});

export const closeLifecycleBench = async ({ first, second }: LifecycleBench): Promise<void> => {
  await Promise.all([first.close(), second.close()]);
};

const configOf = (engines: Readonly<Record<string, ScriptedEngine>>, more: object = {}): object => ({
  backends: Object.fromEntries(
    Object.entries(engines).map(([id, { url }]) => [id, { kind: 'ollama', url, slots: 1 }]),
  ),
  heartbeat: { afterMs: 0 },
  ...more,
});

const withPointsman = async (
  { target }: LifecycleBench,
  config: object,
  run: (pointsman: Pointsman) => Promise<void>,
): Promise<void> => {
  const pointsman = await startPointsman(target, config);
  try {
    await run(pointsman);
  } finally {
    await pointsman.stop();
  }
};

/** A stream whose first word is with the client. */
const beginStream = async (
  { origin }: Pointsman,
  engine: ScriptedEngine,
  front: Dialect = ollama,
  model = 'm',
): Promise<{ readonly call: Call; readonly stream: OpenStream }> => {
  engine.answer(undefined);
  const responding = post(origin, front.chatPath, front.chat(model));
  const call = await engine.next();
  call.begin(ollama.streamType);
  call.write(ollama.text('begun '));
  const stream = openStream(await responding);
  await stream.saw('begun ');
  return { call, stream };
};

const finish = (call: Call): void => {
  call.write(ollama.text('and done') + ollama.end);
  call.end();
};

const finished = async (stream: OpenStream, front: Dialect = ollama): Promise<void> => {
  expect(front.read(await stream.ended)).toMatchObject({
    text: 'begun and done',
    complete: true,
    error: undefined,
  });
  expect(await stream.cleanly).toBe(true);
};

const asked = async ({ origin }: Pointsman, model: string): Promise<Response> => {
  const response = await post(origin, '/api/chat', ollama.chat(model));
  await response.text();
  return response;
};

export const lifecycleCases: readonly Case<LifecycleBench>[] = [
  {
    name: 'a changed file applies by itself, and a stream over a backend that it takes away runs to its end',
    prove: (bench) =>
      withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
        const { call, stream } = await beginStream(pointsman, bench.first);
        pointsman.configure(configOf({ second: bench.second }));
        await pointsman.saw('err', 'configuration applied');
        bench.second.answer((next) => say(next, ollama, 'hi'));
        expect((await asked(pointsman, 'only-second')).headers.get('x-pointsman-backend')).toBe('second');
        expect((await asked(pointsman, 'only-first')).status).toBe(404);
        finish(call);
        await finished(stream);
      }),
  },
  {
    name: 'a reload signal applies the file at once and keeps what is known of the backends that stay',
    prove: (bench) =>
      withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
        const { call, stream } = await beginStream(pointsman, bench.first);
        pointsman.configure(configOf({ first: bench.first, second: bench.second }));
        pointsman.child.kill('SIGHUP');
        await pointsman.saw('err', 'configuration applied');
        const health = (await (await fetch(`${pointsman.origin}/health`)).json()) as Wire;
        expect(health.backends).toEqual([
          expect.objectContaining({ backend: 'first', state: 'up', inflight: 1, version: '0.33.0' }),
          expect.objectContaining({ backend: 'second' }),
        ]);
        finish(call);
        await finished(stream);
      }),
  },
  {
    name: 'a bad file changes nothing and says where it is wrong and what was meant',
    prove: (bench) =>
      withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
        const { call, stream } = await beginStream(pointsman, bench.first);
        pointsman.configure({ ...configOf({ second: bench.second }), heartbeet: {} });
        pointsman.child.kill('SIGHUP');
        await pointsman.saw('err', 'configuration not applied');
        await pointsman.saw('err', 'did you mean');
        expect(pointsman.output.err).toMatch(/heartbeet.*did you mean .?heartbeat/);
        pointsman.configure('backends: [unclosed');
        pointsman.child.kill('SIGHUP');
        finish(call);
        await finished(stream);
        bench.first.answer((next) => say(next, ollama, 'hi'));
        expect((await asked(pointsman, 'only-first')).status).toBe(200);
        expect((await asked(pointsman, 'only-second')).status).toBe(404);
      }),
  },
  ...dialects.map(
    (front): Case<LifecycleBench> => ({
      name: `${front.name}: an interrupt lets the running stream end, turns new work away, and exits with 0`,
      prove: (bench) =>
        withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
          const { call, stream } = await beginStream(pointsman, bench.first, front);
          const waiting = post(pointsman.origin, front.chatPath, front.chat('m'));
          while (!(await (await fetch(`${pointsman.origin}/stats`)).text()).includes('"queued":1'))
            await Bun.sleep(5);
          pointsman.child.kill('SIGINT');
          await pointsman.saw('err', 'draining');
          const refused = await waiting;
          expect(refused.status).toBe(503);
          expect(front.messageOf((await refused.json()) as Wire)).toContain('shutting down');
          const late = await post(pointsman.origin, front.chatPath, front.chat('m'));
          expect(late.status).toBe(503);
          await late.text();
          expect((await fetch(`${pointsman.origin}/readyz`)).status).toBe(503);
          finish(call);
          await finished(stream, front);
          expect(await pointsman.ended).toBe(0);
        }),
    }),
  ),
  ...dialects.map(
    (front): Case<LifecycleBench> => ({
      name: `${front.name}: a stream that outlasts the drain is told so in its own words, and its host is freed`,
      prove: (bench) =>
        withPointsman(
          bench,
          configOf({ first: bench.first }, { timeouts: { drainMs: 300 } }),
          async (pointsman) => {
            const { call, stream } = await beginStream(pointsman, bench.first, front);
            pointsman.child.kill('SIGTERM');
            const answer = front.read(await stream.ended);
            expect(answer).toMatchObject({ text: 'begun ', complete: false });
            expect(answer.error).toContain('shutting down');
            expect(await stream.cleanly).toBe(true);
            await call.closed;
            expect(await pointsman.ended).toBe(0);
          },
        ),
    }),
  ),
  {
    name: 'a second interrupt ends at once',
    prove: (bench) =>
      withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
        const { call, stream } = await beginStream(pointsman, bench.first, openAi);
        pointsman.child.kill('SIGINT');
        await pointsman.saw('err', 'draining');
        const startedAt = performance.now();
        pointsman.child.kill('SIGINT');
        expect(await pointsman.ended).toBe(130);
        expect(performance.now() - startedAt).toBeLessThan(1000);
        await call.closed;
        expect(openAi.read(await stream.ended).complete).toBe(false);
      }),
  },
  {
    name: 'with nothing running an interrupt ends it soon, though clients keep connections open',
    prove: (bench) =>
      withPointsman(bench, configOf({ first: bench.first }), async (pointsman) => {
        bench.first.answer((call) => say(call, ollama, 'hi'));
        await asked(pointsman, 'm');
        const startedAt = performance.now();
        pointsman.child.kill('SIGINT');
        expect(await pointsman.ended).toBe(0);
        expect(performance.now() - startedAt).toBeLessThan(3000);
      }),
  },
];
