/** Requests whose time is measured while the wall clock jumps, as it does under every cell; here that is looked at. */

import { expect } from 'bun:test';
import { at, type Dialect, dialects, ollama } from '../runtimes/dialects.ts';
import type { Call } from '../runtimes/scripted-engine.ts';
import { type Cell, cellId, type Scene } from './cell.ts';
import type { Form, Phase } from './matrix.ts';
import { leastOffsetMs, stepEveryMs } from './stepped-clock.ts';
import { until } from './until.ts';

/** All that it may show, once. */
const roundMs = 4 * stepEveryMs;

const round = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, roundMs));

/** What may pass between a line and a look at it. */
const tellingMs = 2000;

/** What the process wrote of this request, once that is through the pipe. */
const lineOf = async ({ written, model }: Scene): Promise<string> => {
  const find = (): string | undefined =>
    written()
      .split('\n')
      .findLast((each) => each.includes(`"model":"${model}"`) && each.endsWith('}'));
  await until('its line in the log', () => find() !== undefined, 1000);
  return find() ?? '';
};

/** How far the clock of the process was off when it wrote; the time is the first of a line. */
const offsetOf = async (scene: Scene): Promise<number> => {
  const line = await lineOf(scene);
  const record: unknown = JSON.parse(line.slice(line.indexOf('{')));
  return Math.abs(Date.parse(String(at(record, 'time'))) - Date.now());
};

interface Stepped {
  readonly phase: Phase;
  readonly dialects?: readonly Dialect[];
}

const stepped: readonly Stepped[] = [
  { phase: 'waiting' },
  { phase: 'loading', dialects: [ollama] },
  { phase: 'opened' },
  { phase: 'streaming' },
];

/** An answer in its two halves. */
const halvesOf = ({ dialect, form }: Scene): readonly [string, string] => {
  if (form === 'stream') return [dialect.text('fi'), dialect.text('ne') + dialect.end];
  const whole = JSON.stringify(dialect.whole('fine'));
  const middle = whole.length >> 1;
  return [whole.slice(0, middle), whole.slice(middle)];
};

const answer = async (call: Call, phase: Phase, scene: Scene): Promise<void> => {
  const [before, after] = halvesOf(scene);
  if (phase === 'waiting') await round();
  call.begin(scene.form === 'stream' ? scene.dialect.streamType : scene.dialect.wholeType);
  if (phase === 'opened') await round();
  call.write(before);
  if (phase === 'streaming') await round();
  call.write(after);
  call.end();
};

const load = async (call: Call, { model }: Scene): Promise<void> => {
  await round();
  call.whole({ model, created_at: '2026-08-21T10:00:00Z', response: '', done: true, done_reason: 'load' });
};

/** Nothing is over sooner or later for it, and nobody else is asked. */
const passes = async (scene: Scene, phase: Phase): Promise<void> => {
  const { first, dialect, form } = scene;
  const responding = scene.ask();
  if (phase === 'loading') await load(await first.next(), scene);
  await answer(await first.next(), phase, scene);
  const response = await responding;
  const text = await response.text();
  if (form === 'stream') expect(dialect.read(text)).toMatchObject({ text: 'fine', complete: true });
  else expect(text).toContain('fine');
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(scene.posts()).toEqual({ first: phase === 'loading' ? 2 : 1, second: 0 });
  await scene.idle();
  expect(await offsetOf(scene)).toBeGreaterThan(leastOffsetMs - tellingMs);
};

const forms: readonly Form[] = ['stream', 'whole'];

/** All of them. */
export const clockCells: readonly Cell[] = stepped.flatMap(({ phase, dialects: spoken = dialects }) =>
  forms.flatMap((form) =>
    spoken.map((dialect): Cell => {
      const place = { fault: 'clock stepped', phase, form } as const;
      return {
        ...place,
        id: cellId(place, dialect, 'by hours and by seconds'),
        dialect,
        setup: phase === 'loading' ? { memory: 'cold' } : {},
        waits: false,
        prove: (scene) => passes(scene, phase),
      };
    }),
  ),
);
