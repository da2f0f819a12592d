/** Faults of pace and of order: hosts that are slow, and requests that wait behind one that is lost. */

import { expect } from 'bun:test';
import { dialects } from '../runtimes/dialects.ts';
import { openStream } from '../runtimes/open-stream.ts';
import { type Cell, cellId, type HostSetup, type Scene, timers } from './cell.ts';
import type { Fault, Form, Phase } from './matrix.ts';
import { until } from './until.ts';

interface Flow {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly forms: readonly Form[];
  readonly how: string;
  readonly setup?: HostSetup;
  readonly lane?: string;
  readonly prove: (scene: Scene) => Promise<void>;
}

const both: readonly Form[] = ['stream', 'whole'];

const queuedIn = async ({ origin }: Scene): Promise<number> =>
  ((await (await fetch(`${origin}/stats`)).json()) as { readonly queued: number }).queued;

/** The one that runs is lost, and the one behind it never hears of that. */
const waitsBehind = async (scene: Scene): Promise<void> => {
  const { first, dialect } = scene;
  first.answer(undefined);
  const running = scene.ask({ stream: true });
  const call = await first.next();
  call.begin(dialect.streamType);
  call.write(dialect.text('begun'));
  const stream = openStream(await running);
  await stream.saw('begun');
  const waiting = scene.ask();
  await until(
    'the next one waits',
    async () => (await queuedIn(scene)) === 1,
    () => scene.within(2000),
  );
  call.cut('reset');
  const next = await first.next();
  if (scene.form === 'stream') {
    next.begin(dialect.streamType);
    next.write(dialect.text('next') + dialect.end);
    next.end();
  } else next.whole(dialect.whole('next'));
  const response = await waiting;
  expect(await response.text()).toContain('next');
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(dialect.read(await stream.ended)).toMatchObject({ text: 'begun', complete: false });
  expect(scene.posts()).toEqual({ first: 2, second: 0 });
  await scene.idle();
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** Slower than any installation would bear, and never silent for longer than a stream may be. */
const dripMs = timers.betweenChunksMs / 5;

const drips = async (scene: Scene): Promise<void> => {
  const { first, dialect } = scene;
  const words = Array.from({ length: 8 }, (_, index) => `drop${index} `);
  first.answer(async (call) => {
    call.begin(dialect.streamType);
    for (const word of words) {
      call.write(dialect.text(word));
      await pause(dripMs);
    }
    call.write(dialect.end);
    call.end();
  });
  const startedAt = performance.now();
  const response = await scene.ask();
  const answer = dialect.read(await response.text());
  expect(performance.now() - startedAt).toBeGreaterThan(timers.betweenChunksMs);
  expect(answer).toMatchObject({ text: words.join(''), complete: true, error: undefined });
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  await scene.idle();
};

const flows: readonly Flow[] = [
  {
    fault: 'reset',
    phase: 'queued',
    forms: both,
    how: 'of the request before it',
    setup: { only: 'first' },
    lane: 'queue',
    prove: waitsBehind,
  },
  {
    fault: 'slow',
    phase: 'streaming',
    forms: ['stream'],
    how: 'but never silent for too long',
    prove: drips,
  },
];

/** All of them. */
export const flowCells: readonly Cell[] = flows.flatMap((flow) =>
  flow.forms.flatMap((form) =>
    dialects.map((dialect): Cell => {
      const place = { fault: flow.fault, phase: flow.phase, form };
      return {
        ...place,
        id: cellId(place, dialect, flow.how),
        dialect,
        setup: flow.setup ?? {},
        waits: flow.fault === 'slow',
        ...(flow.lane === undefined ? {} : { lane: flow.lane }),
        prove: flow.prove,
      };
    }),
  ),
);
