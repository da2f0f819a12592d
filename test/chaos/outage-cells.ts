/** Models whose every host is gone, and hosts that come back in another process. */

import { expect } from 'bun:test';
import { dialects } from '../runtimes/dialects.ts';
import { openStream } from '../runtimes/open-stream.ts';
import { atOnceMs, type Cell, cellId, type Scene, timers } from './cell.ts';
import type { Fault, Form, Phase } from './matrix.ts';
import { until } from './until.ts';

interface Outage {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly how: string;
  readonly lane?: string;
  readonly prove: (scene: Scene) => Promise<void>;
}

const forms: readonly Form[] = ['stream', 'whole'];

/** Told to come back, and when; resolves with the attempts that were made. */
const turnedAway = async (responding: Promise<Response>): Promise<number> => {
  const response = await responding;
  await response.text();
  expect(response.status).toBeOneOf([502, 503]);
  if (response.status === 503) {
    const waitS = Number(response.headers.get('retry-after'));
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(60);
  }
  return Number(response.headers.get('x-pointsman-attempts'));
};

/** Resolves once the first host serves again. */
const served = async (scene: Scene, first: Scene['first'], withinMs: number): Promise<void> => {
  first.answer((call) => call.whole(scene.dialect.whole('back')));
  const isServed = async (): Promise<boolean> => {
    const response = await scene.ask({ stream: false });
    return (await response.text()).includes('back') && response.status === 200;
  };
  await until('the host serves again', isServed, () => scene.within(withinMs), 200);
};

const asked = 20;

/** By the next look, which may be a fifth late. */
const foundWithinMs = 1.2 * timers.probeIntervalMs + atOnceMs;

const allRefuse = async (scene: Scene): Promise<void> => {
  await scene.first.close();
  let last = 0;
  for (let index = 0; index < asked; index += 1) {
    const startedAt = performance.now();
    const attempts = await turnedAway(scene.ask());
    expect(performance.now() - startedAt).toBeLessThan(scene.within(atOnceMs));
    last = attempts;
  }
  // By now it is known to be down, and nobody is sent there any more.
  expect(last).toBe(0);
  expect(scene.posts()).toEqual({ first: 0, second: 0 });
  await served(scene, await scene.replace(), foundWithinMs);
};

const allFail = async (scene: Scene): Promise<void> => {
  scene.first.answer((call) => call.whole({ error: 'boom' }, 500));
  const startedAt = performance.now();
  let attempts = 0;
  for (let index = 0; index < 2 * asked; index += 1) attempts += await turnedAway(scene.ask());
  const seconds = (performance.now() - startedAt) / 1000;
  expect(scene.posts()).toEqual({ first: attempts, second: 0 });
  // Three open it; then a trial each time it is let in, which is ever more seldom, or one a second.
  const openings = Math.ceil(Math.log2(1 + (1000 * seconds) / (0.8 * timers.breakerOpenMs)));
  expect(attempts).toBeLessThanOrEqual(3 + openings + Math.ceil(seconds));
  await served(scene, scene.first, 1.2 * timers.maxOpenMs + atOnceMs);
};

const lostWithItsQueue = async (scene: Scene): Promise<void> => {
  const { first, dialect } = scene;
  first.answer(undefined);
  const running = scene.ask({ stream: true });
  const call = await first.next();
  call.begin(dialect.streamType);
  call.write(dialect.text('begun'));
  const stream = openStream(await running);
  await stream.saw('begun');
  const waiting = scene.ask();
  const queued = async (): Promise<boolean> =>
    (await (await fetch(`${scene.origin}/stats`)).text()).includes('"queued":1');
  await until('the next one waits', queued, () => scene.within(2000));
  const startedAt = performance.now();
  await first.close();
  await turnedAway(waiting);
  expect(performance.now() - startedAt).toBeLessThan(scene.within(atOnceMs));
  expect(dialect.read(await stream.ended)).toMatchObject({ text: 'begun', complete: false });
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  await scene.idle();
};

const replaced = async (scene: Scene): Promise<void> => {
  await served(scene, scene.first, atOnceMs);
  const next = await scene.replace();
  // Where a request met a connection of the first one, only a look finds the second.
  await served(scene, next, foundWithinMs);
  expect(next.calls.length).toBeGreaterThan(0);
  await scene.idle();
};

const outages: readonly Outage[] = [
  { fault: 'all down', phase: 'connecting', how: 'nobody listens', prove: allRefuse },
  { fault: 'all down', phase: 'waiting', how: 'nobody answers but with status 500', prove: allFail },
  {
    fault: 'all down',
    phase: 'queued',
    how: 'the host dies with the request before it',
    lane: 'queue',
    prove: lostWithItsQueue,
  },
  { fault: 'host replaced', phase: 'connecting', how: 'another process in its place', prove: replaced },
];

/** All of them; nobody else has their models. */
export const outageCells: readonly Cell[] = outages.flatMap(({ fault, phase, how, lane, prove }) =>
  forms.flatMap((form) =>
    dialects.map((dialect): Cell => {
      const place = { fault, phase, form };
      return {
        ...place,
        id: cellId(place, dialect, how),
        dialect,
        setup: { only: 'first' },
        waits: phase !== 'queued',
        ...(lane === undefined ? {} : { lane }),
        prove,
      };
    }),
  ),
);
