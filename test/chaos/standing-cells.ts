/** Faults that change what becomes of the next request: a busy host, a key that is refused, a model that does not fit. */

import { expect } from 'bun:test';
import { at, type Dialect, dialects, ollama, type Wire } from '../runtimes/dialects.ts';
import type { Call } from '../runtimes/scripted-engine.ts';
import { atOnceMs, type Cell, cellId, type HostSetup, type Scene } from './cell.ts';
import type { Fault, Form, Phase } from './matrix.ts';
import { until } from './until.ts';

interface Standing {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly how: string;
  readonly dialects?: readonly Dialect[];
  readonly setup?: HostSetup;
  readonly refuse: (call: Call) => void;
  /** What holds after the first request was served elsewhere. */
  readonly afterwards: (scene: Scene) => Promise<void>;
}

const forms: readonly Form[] = ['stream', 'whole'];

/** Served by the second host; resolves with the attempts it took. */
const askedSecond = async (scene: Scene): Promise<number> => {
  const startedAt = performance.now();
  const response = await scene.ask();
  const text = await response.text();
  expect(performance.now() - startedAt).toBeLessThan(scene.within(atOnceMs));
  expect(text).toContain('fine');
  expect(response.headers.get('x-pointsman-backend')).toBe(`second-${scene.dialect.kind}`);
  return Number(response.headers.get('x-pointsman-attempts'));
};

/** What the planner knew of the first host when it last decided on this model. */
const expectNoFailure = ({ written, firstId, model }: Scene): void => {
  const lines = written().split('\n');
  const line = lines.findLast((each) => each.includes(`"model":"${model}"`) && each.includes('"rounds"'));
  const decision: unknown = JSON.parse(line?.slice(line.indexOf('{')) ?? 'null');
  const rounds = (at(decision, 'decision', 'rounds') ?? at(decision, 'rounds')) as readonly Wire[];
  const candidates = rounds.at(-1)?.candidates as readonly Wire[];
  const known = candidates.find(({ backend }) => backend === firstId);
  expect(at(known, 'pair', 'breaker')).toMatchObject({ state: 'closed', consecutive: 0 });
};

/** A cold host is asked to load first, and a load refused for reasons of its own says nothing of the prompt behind it. */
const callsPerAttempt = ({ first }: Scene): number => new Set(first.calls.map(({ path }) => path)).size;

/** Nobody counts it as a failure, and the first host has its place again once it is free. */
const comesBack = async (scene: Scene): Promise<void> => {
  const { first, dialect } = scene;
  const attempts = await Promise.all([1, 2, 3].map(() => askedSecond(scene)));
  expectNoFailure(scene);
  // On a busy machine the host's time may be up before all three were asked.
  const retried = attempts.filter((count) => count === 2).length;
  expect(scene.posts()).toEqual({ first: (1 + retried) * callsPerAttempt(scene), second: 4 });
  first.answer((call) => call.whole(dialect.whole('back')));
  await until(
    'the first host serves again',
    async () => (await (await scene.ask({ stream: false })).text()).includes('back'),
    () => scene.within(3000),
    100,
  );
};

/** The next one does not go there at all. */
const staysAway = async (scene: Scene): Promise<void> => {
  expect(await askedSecond(scene)).toBe(1);
  expect(scene.posts()).toEqual({ first: callsPerAttempt(scene), second: 2 });
  expectNoFailure(scene);
};

const secret = 'canary-upstream-5d1c';

const standings: readonly Standing[] = [
  ...(['waiting', 'loading'] as const).flatMap((phase): readonly Standing[] => [
    {
      fault: 'busy',
      phase,
      how: 'status 503, server busy',
      refuse: (call) =>
        call.whole({ error: 'server busy, please try again.  maximum pending requests exceeded' }, 503),
      afterwards: comesBack,
    },
    {
      fault: 'busy',
      phase,
      how: 'status 429 with a time',
      refuse: (call) => call.whole({ error: 'slow down' }, 429, { 'retry-after': '1' }),
      afterwards: comesBack,
    },
    {
      fault: 'model gone',
      phase,
      how: 'status 404',
      refuse: (call) => call.whole({ error: `model '${call.body.model}' not found` }, 404),
      afterwards: staysAway,
    },
  ]),
  ...[401, 403].map(
    (status): Standing => ({
      fault: 'key refused',
      phase: 'waiting',
      how: `status ${status}`,
      setup: { apiKey: secret },
      refuse: (call) => call.whole({ error: `invalid key ${call.headers.authorization}` }, status),
      afterwards: async (scene) => {
        expect(scene.first.calls[0]?.headers.authorization).toBe(`Bearer ${secret}`);
        await staysAway(scene);
        const page = await (await fetch(`${scene.origin}/health`)).text();
        expect(page + scene.written()).not.toContain(secret);
      },
    }),
  ),
  {
    fault: 'out of memory',
    phase: 'loading',
    how: 'the model is kept away, others are served there',
    dialects: [ollama],
    setup: { memory: 'cold', models: ['other'] },
    refuse: (call) =>
      call.whole({ error: 'model requires more system memory (9.1 GiB) than is available (3.2 GiB)' }, 500),
    afterwards: async (scene) => {
      await staysAway(scene);
      scene.first.answer((call) => call.whole(scene.dialect.whole('beside it')));
      const startedAt = performance.now();
      const response = await scene.ask({ model: `${scene.model}-other`, stream: false });
      expect(await response.text()).toContain('beside it');
      expect(performance.now() - startedAt).toBeLessThan(scene.within(atOnceMs));
      expect(response.headers.get('x-pointsman-backend')).toBe(scene.firstId);
    },
  },
];

const cellOf = (standing: Standing, form: Form, dialect: Dialect): Cell => {
  const { fault, phase, how, setup, refuse, afterwards } = standing;
  const place = { fault, phase, form };
  return {
    ...place,
    id: cellId(place, dialect, how),
    dialect,
    setup: { ...(phase === 'loading' ? { memory: 'cold' as const } : {}), ...setup },
    waits: fault === 'busy',
    prove: async (scene) => {
      scene.first.answer(refuse);
      expect(await askedSecond(scene)).toBe(2);
      expect(scene.posts()).toEqual({ first: callsPerAttempt(scene), second: 1 });
      await afterwards(scene);
      await scene.idle();
    },
  };
};

/** All of them; an engine tells whether a model is in memory only in one of the dialects. */
export const standingCells: readonly Cell[] = standings.flatMap((standing) =>
  forms.flatMap((form) =>
    (standing.dialects ?? (standing.phase === 'loading' ? [ollama] : dialects)).map((dialect) =>
      cellOf(standing, form, dialect),
    ),
  ),
);
