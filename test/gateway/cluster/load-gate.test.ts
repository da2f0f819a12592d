import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Body, Head, SharedLoad } from '../../../src/core/cluster/document.ts';
import { type Knowledge, noKnowledge } from '../../../src/core/cluster/knowledge.ts';
import { createLoadGate, type LoadGate } from '../../../src/gateway/cluster/load-gate.ts';
import { createHost, pairOf } from '../../../src/gateway/host.ts';
import type { LoadWish } from '../../../src/gateway/load-facts.ts';
import { emptyHead } from '../../core/cluster/empty-head.ts';

const engine = createHost({
  id: 'a',
  kind: 'ollama',
  url: 'http://a',
  lane: 'gpu',
  zone: 'local',
  priority: 1,
  simulated: true,
});
const call = { url: 'http://a/api/generate', headers: {}, body: {} };
const wish: LoadWish = { host: engine, pair: pairOf(engine, 'm:latest'), call, manner: 'soon' };
const host = 'host';
const pair = 'model on host';

const head = (loads: readonly SharedLoad[]): Head => ({
  ...emptyHead,
  instance: 'other',
  loads,
});

const running = (which: string): SharedLoad => ({
  host,
  pair: which,
  phase: 'loading',
  ticket: 0,
  remainMs: 9_000,
});

interface Instance {
  readonly name: string;
  readonly gate: LoadGate;
  knowledge: Knowledge;
  /** What was written when, the newest first. */
  written: readonly { readonly at: number; readonly loads: readonly SharedLoad[] }[];
  /** When it last began to want the model. */
  since: number | undefined;
  loadsUntil: number;
  askAt: number;
}

/** What one writes at its next beat, others read at theirs. */
const beats = { writeMs: 250, readMs: 500 };
const stepMs = 10;

const cluster = (names: readonly string[]): readonly Instance[] =>
  names.map((name) => {
    const instance: Instance = {
      name,
      gate: createLoadGate({
        keys: { host: () => host, pair: () => pair },
        knowledge: () => instance.knowledge,
        own: () => name,
        alive: () => names.filter((other) => other !== name),
        touch: () => undefined,
      }),
      ...{ knowledge: noKnowledge, written: [], since: undefined, loadsUntil: -Infinity, askAt: 0 },
    };
    return instance;
  });

const tells = ({ gate, loadsUntil }: Instance, now: number): readonly SharedLoad[] => [
  ...(loadsUntil > now ? [running(pair)] : []),
  ...gate.told(now),
];

/** What lies in the store of each: a writing takes its time to get there. */
const reads = (
  instance: Instance,
  all: readonly Instance[],
  stranger: readonly SharedLoad[],
  landedBefore: number,
): void => {
  const heads = new Map(
    all
      .filter((each) => each !== instance)
      .map(({ name, written }) => [name, head(written.find(({ at }) => at <= landedBefore)?.loads ?? [])]),
  );
  heads.set('stranger', head(stranger));
  instance.knowledge = { ...noKnowledge, heads };
};

const asks = (instance: Instance, now: number): 'starts' | 'waits' => {
  if (instance.since === undefined || now < instance.askAt) return 'waits';
  const until = instance.gate.holds(wish, now);
  if (until === undefined) return 'starts';
  instance.askAt = until;
  return 'waits';
};

/** The most that ever loaded at once and who never came to it, where each that wants the model wants it until it has loaded it itself. */
const played = ({
  wants,
  loadMs,
  writePhases,
  readPhases,
  lagMs,
  busy,
}: {
  readonly wants: readonly number[];
  readonly loadMs: number;
  readonly writePhases: readonly number[];
  readonly readPhases: readonly number[];
  readonly lagMs: number;
  /** When `stranger` loads another model there. */
  readonly busy: readonly [number, number];
}): { readonly most: number; readonly left: number } => {
  const names = [...wants.map((_, index) => `instance-${index}`), 'stranger'];
  const all = cluster(names).slice(0, wants.length);
  let most = 0;
  for (let now = 0; now < 40_000; now += stepMs) {
    const stranger = now >= busy[0] && now < busy[1] ? [running('another model')] : [];
    for (const [index, instance] of all.entries()) {
      if (now === wants[index]) {
        instance.since = now;
        instance.askAt = now;
      }
      if ((now + (readPhases[index] ?? 0)) % beats.readMs === 0) reads(instance, all, stranger, now - lagMs);
      if (asks(instance, now) === 'starts') {
        instance.since = undefined;
        instance.loadsUntil = now + loadMs;
        most = Math.max(most, all.filter(({ loadsUntil }) => loadsUntil > now).length);
      }
      if ((now + (writePhases[index] ?? 0)) % beats.writeMs === 0)
        instance.written = [{ at: now, loads: tells(instance, now) }, ...instance.written.slice(0, 3)];
    }
  }
  return { most, left: all.filter(({ since }) => since !== undefined).length };
};

const step = (most: number) => fc.integer({ min: 0, max: most / stepMs }).map((count) => count * stepMs);
const four = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 4, maxLength: 4 });

describe('a cold model that several instances want', () => {
  /** One that sees these wishes of another. */
  const seeing = (
    loads: readonly SharedLoad[],
    others: readonly string[] = ['other'],
    bodies: Knowledge['bodies'] = new Map(),
  ) => {
    let touched = 0;
    const gate = createLoadGate({
      keys: { host: () => host, pair: () => pair },
      knowledge: () => ({ ...noKnowledge, heads: new Map([['other', head(loads)]]), bodies }),
      own: () => 'own',
      alive: () => others,
      touch: () => {
        touched += 1;
      },
    });
    return { gate, touches: () => touched };
  };
  const wanted = (ticket: number): SharedLoad => ({ host, pair, phase: 'intent', ticket, remainMs: 1_500 });

  test('is announced at once, behind all who are seen to want it', () => {
    const { gate, touches } = seeing([wanted(5), { ...wanted(9), pair: 'another model' }]);
    expect(gate.holds(wish, 0)).toBeGreaterThan(0);
    expect(gate.told(0)).toEqual([{ ...wanted(6), remainMs: 1_500 }]);
    expect(touches()).toBe(1);
    for (let now = 250; now <= 10_000; now += 250) expect(gate.holds(wish, now)).toBeGreaterThan(now);
    expect(gate.told(10_000)).toEqual([{ ...wanted(6), remainMs: 1_500 }]);
  });

  test('is wanted no more by who does not ask again', () => {
    const { gate } = seeing([wanted(5)]);
    gate.holds(wish, 0);
    expect(gate.told(1_499)).toHaveLength(1);
    expect(gate.told(1_500)).toEqual([]);
  });

  test('is loaded at once where nobody else is there, or can be seen to be', () => {
    const { gate, touches } = seeing([wanted(1), running(pair)], []);
    expect(gate.holds(wish, 0)).toBeUndefined();
    expect(gate.runsElsewhere(engine)).toBeUndefined();
    expect([gate.told(0).length, touches()]).toEqual([0, 0]);
  });

  test('is seen to be loaded by another', () => {
    expect(seeing([wanted(1)]).gate.runsElsewhere(engine)).toBeUndefined();
    expect(seeing([wanted(1), running(pair)]).gate.runsElsewhere(engine)).toEqual(running(pair));
  });

  test('is loaded by one of them at a time, however they come to want it', () => {
    fc.assert(
      fc.property(
        fc.array(step(6_000), { minLength: 2, maxLength: 4 }),
        step(4_000),
        four(step(beats.writeMs)),
        four(step(beats.readMs)),
        step(200),
        fc.tuple(step(6_000), step(8_000)),
        (wants, loadMs, writePhases, readPhases, lagMs, busy) => {
          const given = { wants, loadMs: loadMs + stepMs, writePhases, readPhases, lagMs, busy };
          expect(played(given)).toEqual({ most: 1, left: 0 });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is loaded at once by the first in rank where nobody else wants it', () => {
    const all = cluster(['one', 'two', 'three']);
    for (const instance of all) reads(instance, all, [], 0);
    const untils = all.map(({ gate }) => gate.holds(wish, 0));
    expect(untils.filter((until) => until === undefined)).toHaveLength(1);
  });

  const body = (instance: string, key: string): Body => ({
    ...{ instance, boot: 'boot', sequence: 1, upMs: 0, hosts: new Set([key]), breakers: new Map() },
    ...{ pins: new Map(), residents: new Map(), rates: new Map(), exceptions: [] },
  });

  test('is not loaded beside one that wants it and has not yet told that it has the host', () => {
    const { gate } = seeing([wanted(1)], ['other'], new Map([['other', body('other', 'elsewhere')]]));
    expect(gate.holds(wish, 0)).toBeGreaterThan(0);
  });

  test('is loaded at once by the only one that has the host, whoever else is there', () => {
    const names = ['sidecar', 'router', 'another sidecar', 'another router', 'a third'];
    for (const instance of cluster(names)) {
      const others = names.filter((name) => name !== instance.name);
      instance.knowledge = {
        ...noKnowledge,
        bodies: new Map(others.map((name) => [name, body(name, 'elsewhere')])),
      };
      expect(instance.gate.holds(wish, 0)).toBeUndefined();
    }
  });
});
