/** Clients that leave, at every moment of a request: the host is free at once, and nothing is left of it. */

import { expect } from 'bun:test';
import { type Dialect, dialects, ollama, openAi } from '../runtimes/dialects.ts';
import { type RawClient, startRawClient } from '../runtimes/raw-client.ts';
import { type Cell, cellId, freedWithinMs, type Scene } from './cell.ts';
import type { Form, Phase } from './matrix.ts';
import { until } from './until.ts';

interface Leaving {
  readonly phase: Phase;
  readonly how: string;
  readonly forms?: readonly Form[];
  readonly dialects?: readonly Dialect[];
  readonly prove: (scene: Scene) => Promise<void>;
}

const largeText = 'a long prompt '.repeat(100_000);

/** A request written by hand, so that the test decides how its connection ends. */
const startAsking = (scene: Scene, content = 'Say hello', shareSent = 1): RawClient => {
  const text = JSON.stringify(scene.body({ messages: [{ role: 'user', content }] }));
  const head = `POST ${scene.dialect.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  const sent = text.slice(0, Math.floor(text.length * shareSent));
  return startRawClient(scene.port, `${head}\r\ncontent-length: ${text.length}\r\n\r\n${sent}`);
};

/** The one slot is free: the next request is sent to the host at once. */
const servesNext = async (scene: Scene): Promise<void> => {
  await scene.idle();
  scene.first.answer((call) => call.whole(scene.dialect.whole('next')));
  const response = await scene.ask({ stream: false });
  expect(await response.text()).toContain('next');
  expect(response.headers.get('x-pointsman-backend')).toBe(scene.firstId);
  expect(Number(response.headers.get('x-pointsman-queue-ms'))).toBeLessThan(scene.within(freedWithinMs));
};

const ways = ['finish', 'reset'] as const;

/** Leaves in both ways once the host has brought the request to where it shall be. */
const leaves = async (
  scene: Scene,
  reach: (call: Awaited<ReturnType<Scene['first']['next']>>, client: RawClient) => Promise<void> | void,
  content?: string,
): Promise<void> => {
  for (const how of ways) {
    scene.first.answer(undefined);
    const client = startAsking(scene, content);
    const call = await scene.first.next();
    await reach(call, client);
    const leftAt = performance.now();
    client.leave(how);
    expect((await call.closed) - leftAt).toBeLessThan(scene.within(freedWithinMs));
    await servesNext(scene);
    expect(scene.posts().second).toBe(0);
  }
};

const arriveMs = 20;
const arrive = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, arriveMs));

const leavings: readonly Leaving[] = [
  {
    phase: 'sending',
    how: 'before its own body was sent',
    prove: async (scene) => {
      for (const how of ways) {
        const client = startAsking(scene, largeText, 0.5);
        await arrive();
        client.leave(how);
      }
      await servesNext(scene);
      expect(scene.posts()).toEqual({ first: 1, second: 0 });
    },
  },
  {
    phase: 'sending',
    how: 'while the host takes no more of the body',
    prove: async (scene) => {
      for (const how of ways) {
        const paused = new Promise<{ readonly closed: Promise<unknown>; resume(): void }>((resolve) =>
          scene.onHead(({ socket }) => {
            socket.pause();
            const closed = new Promise((done) => socket.once('close', done));
            resolve({ closed, resume: () => void socket.resume() });
          }),
        );
        const client = startAsking(scene, largeText);
        const { closed, resume } = await paused;
        client.leave(how);
        await scene.idle();
        // A socket that is not read does not notice its end.
        resume();
        await closed;
        scene.onHead(() => undefined);
        await servesNext(scene);
      }
    },
  },
  { phase: 'waiting', how: 'before headers', prove: (scene) => leaves(scene, () => undefined) },
  {
    phase: 'waiting',
    how: 'before headers, with a prompt of some kilobytes',
    prove: (scene) => leaves(scene, () => undefined, 'a long prompt '.repeat(400)),
  },
  {
    phase: 'loading',
    how: 'before headers',
    dialects: [ollama],
    prove: (scene) => leaves(scene, () => undefined),
  },
  {
    phase: 'opened',
    how: 'after headers',
    prove: (scene) =>
      leaves(scene, async (call) => {
        call.begin(scene.form === 'stream' ? scene.dialect.streamType : 'application/json');
        if (scene.form === 'stream') call.write(scene.dialect.prelude);
        await arrive();
      }),
  },
  ...[1, 50].map(
    (tokens): Leaving => ({
      phase: 'streaming',
      how: `after ${tokens} tokens`,
      forms: ['stream'],
      prove: (scene) =>
        leaves(scene, async (call, client) => {
          call.begin(scene.dialect.streamType);
          for (let index = 1; index <= tokens; index += 1) call.write(scene.dialect.text(`token ${index}.`));
          await client.saw(`token ${tokens}.`);
        }),
    }),
  ),
  {
    phase: 'streaming',
    how: 'half a body',
    forms: ['whole'],
    prove: (scene) =>
      leaves(scene, async (call) => {
        call.begin('application/json');
        call.write('{"message":');
        await arrive();
      }),
  },
  {
    phase: 'ended',
    how: 'after the last event',
    forms: ['stream'],
    prove: (scene) =>
      leaves(scene, async (call, client) => {
        call.begin(scene.dialect.streamType);
        call.write(scene.dialect.text('all') + scene.dialect.end);
        await client.saw(scene.dialect === openAi ? '[DONE]' : '"done":true');
      }),
  },
  {
    phase: 'ended',
    how: 'after the whole answer',
    forms: ['whole'],
    prove: async (scene) => {
      for (const how of ways) {
        scene.first.answer((call) => call.whole(scene.dialect.whole('all')));
        const client = startAsking(scene);
        await client.saw('all');
        client.leave(how);
        await servesNext(scene);
      }
    },
  },
  {
    phase: 'queued',
    how: 'the host never hears of it',
    prove: async (scene) => {
      const { first, dialect } = scene;
      for (const how of ways) {
        first.answer(undefined);
        const running = startAsking(scene);
        const call = await first.next();
        const asked = scene.posts().first;
        const waiting = startAsking(scene);
        await until(
          'it waits',
          async () => (await queuedFor(scene)) > 0,
          () => scene.within(2000),
        );
        waiting.leave(how);
        await until(
          'its place is free',
          async () => (await queuedFor(scene)) === 0,
          () => scene.within(freedWithinMs),
        );
        call.whole(dialect.whole('first'));
        await running.saw('first');
        running.leave('finish');
        expect(scene.posts().first).toBe(asked);
        await servesNext(scene);
      }
    },
  },
];

const queuedFor = async ({ origin }: Scene): Promise<number> => {
  const stats = (await (await fetch(`${origin}/stats`)).json()) as { readonly queued: number };
  return stats.queued;
};

/** All but leaving while a host takes no connection, which needs a host of its own. */
export const departureCells: readonly Cell[] = leavings.flatMap((leaving) =>
  (leaving.forms ?? (['stream', 'whole'] as const)).flatMap((form) =>
    (leaving.dialects ?? dialects).map((dialect): Cell => {
      const place = { fault: 'client gone', phase: leaving.phase, form } as const;
      return {
        ...place,
        id: cellId(place, dialect, leaving.how),
        dialect,
        setup:
          leaving.phase === 'loading'
            ? { memory: 'cold' }
            : leaving.phase === 'queued'
              ? { only: 'first' }
              : {},
        ...(leaving.phase === 'queued' ? { lane: 'queue' } : {}),
        waits: false,
        prove: leaving.prove,
      };
    }),
  ),
);
