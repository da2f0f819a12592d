/** The cells in which the first host does one thing: what the caller has then follows from the matrix alone. */

import { expect } from 'bun:test';
import { type Dialect, dialects, type Wire } from '../runtimes/dialects.ts';
import { openStream } from '../runtimes/open-stream.ts';
import type { Call } from '../runtimes/scripted-engine.ts';
import { atOnceMs, type Cell, cellId, type HostSetup, type Scene } from './cell.ts';
import { type Expectation, type Fault, type Form, matrix, type Phase } from './matrix.ts';

export interface Play {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly forms: readonly Form[];
  /** What happens, to tell plays of one cell apart. */
  readonly how: string;
  readonly dialects?: readonly Dialect[];
  readonly setup?: HostSetup;
  /** Before the request is sent. */
  readonly before?: (scene: Scene) => Promise<void> | void;
  /** What the first host does with the prompt; in a stream that has begun, after the caller saw its tokens. */
  readonly strike?: (call: Call, scene: Scene) => void;
  /** How many tokens the caller has by then; 1. */
  readonly tokens?: number;
  /** What the host says after them. */
  readonly says?: string;
  /** Added to the prompt. */
  readonly more?: Wire;
  /** How many prompts reach the first host; 1. */
  readonly reached?: 0 | 1;
  /** The timer that has to pass first. */
  readonly afterMs?: number;
  /** What the caller is told of a refusal. */
  readonly told?: { readonly status: number; readonly message: string };
}

const token = (index: number): string => `t${index} `;

const textOf = ({ tokens = 1, says = '' }: Play): string =>
  Array.from({ length: tokens }, (_, index) => token(index)).join('') + says;

const expectTime = (scene: Scene, startedAt: number, { afterMs = 0 }: Play): void => {
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(0.75 * afterMs - 5);
  expect(tookMs).toBeLessThan(scene.within(afterMs + atOnceMs));
};

const servedElsewhere = async (scene: Scene, play: Play): Promise<void> => {
  const { dialect, first, form } = scene;
  const { strike, reached = 1 } = play;
  first.answer((call) => strike?.(call, scene));
  await play.before?.(scene);
  const startedAt = performance.now();
  const response = await scene.ask(play.more);
  const text = await response.text();
  expectTime(scene, startedAt, play);
  expect(response.status).toBe(200);
  if (form === 'stream')
    expect(dialect.read(text)).toMatchObject({ text: 'fine', complete: true, error: undefined });
  else expect(JSON.parse(text)).toMatchObject({ model: expect.any(String) });
  expect(text).toContain('fine');
  expect(response.headers.get('x-pointsman-attempts')).toBe('2');
  expect(response.headers.get('x-pointsman-backend')).toBe(`second-${dialect.kind}`);
  expect(response.headers.get('x-pointsman-reason')).toContain(`${scene.firstId}:`);
  expect(scene.posts()).toEqual({ first: reached, second: 1 });
  await scene.idle();
};

/** A stream whose caller has all its tokens. */
const begun = async (scene: Scene, play: Play) => {
  const { dialect, first } = scene;
  first.answer(undefined);
  const responding = scene.ask(play.more);
  const call = await first.next();
  call.begin(dialect.streamType);
  for (let index = 0; index < (play.tokens ?? 1); index += 1) call.write(dialect.text(token(index)));
  const response = await responding;
  const stream = openStream(response);
  await stream.saw(token((play.tokens ?? 1) - 1));
  return { call, response, stream };
};

/** Whatever is not a whole line is dropped, as the strictest client does. */
const wholeLines = (stream: string): string =>
  stream
    .split('\n')
    .filter((line) => line === '' || line.startsWith(':') || line.endsWith('}') || line.endsWith('[DONE]'))
    .join('\n');

const toldInTheStream = async (scene: Scene, play: Play): Promise<void> => {
  const { dialect } = scene;
  const { call, response, stream } = await begun(scene, play);
  const startedAt = performance.now();
  play.strike?.(call, scene);
  const answer = dialect.read(wholeLines(await stream.ended));
  expectTime(scene, startedAt, play);
  expect(answer.text).toBe(textOf(play));
  expect(answer.error).toContain('the answer is incomplete');
  expect(answer.complete).toBe(false);
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  await scene.idle();
};

const servedStream = async (scene: Scene, play: Play): Promise<void> => {
  const { dialect } = scene;
  const { call, response, stream } = await begun(scene, play);
  const startedAt = performance.now();
  play.strike?.(call, scene);
  const answer = dialect.read(await stream.ended);
  expectTime(scene, startedAt, play);
  expect(answer).toMatchObject({ text: textOf(play), complete: true, error: undefined });
  expect(await stream.cleanly).toBe(true);
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  await scene.idle();
};

const servedWhole = async (scene: Scene, play: Play): Promise<void> => {
  scene.first.answer((call) => play.strike?.(call, scene));
  const startedAt = performance.now();
  const response = await scene.ask(play.more);
  expect(await response.text()).toContain('whole');
  expectTime(scene, startedAt, play);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  await scene.idle();
};

const toldOnce = async (scene: Scene, play: Play): Promise<void> => {
  const { dialect, first } = scene;
  first.answer((call) => play.strike?.(call, scene));
  const startedAt = performance.now();
  const response = await scene.ask(play.more);
  const body = (await response.json()) as Wire;
  expectTime(scene, startedAt, play);
  expect({ status: response.status, message: dialect.messageOf(body) }).toEqual({
    status: play.told?.status ?? 0,
    message: expect.stringContaining(play.told?.message ?? 'nothing is told'),
  });
  expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  await scene.idle();
};

const proofs: Readonly<Partial<Record<Expectation, (scene: Scene, play: Play) => Promise<void>>>> = {
  'served elsewhere': servedElsewhere,
  'told in the stream': toldInTheStream,
  served: (scene, play) => (scene.form === 'stream' ? servedStream(scene, play) : servedWhole(scene, play)),
  'told once': toldOnce,
};

const cellOf = (play: Play, form: Form, dialect: Dialect): Cell => {
  const { fault, phase, how } = play;
  const place = { fault, phase, form };
  const expectation = matrix[fault][phase]?.[form];
  const proof = expectation === undefined ? undefined : proofs[expectation];
  if (proof === undefined) throw new RangeError(`no proof of ${cellId(place, dialect, how)}`);
  const memory = phase === 'loading' ? ({ memory: 'cold' } as const) : {};
  return {
    ...place,
    id: cellId(place, dialect, how),
    dialect,
    setup: { ...memory, ...play.setup },
    waits: play.afterMs !== undefined,
    prove: (scene) => proof(scene, play),
  };
};

/** One cell for each form and dialect of each play. */
export const cellsOf = (plays: readonly Play[]): readonly Cell[] =>
  plays.flatMap((play) =>
    play.forms.flatMap((form) => (play.dialects ?? dialects).map((dialect) => cellOf(play, form, dialect))),
  );
