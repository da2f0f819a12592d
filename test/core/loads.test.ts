import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type LoadFacts,
  type LoadRequest,
  type LoadState,
  loadDeadlineMs,
  loadEnded,
  loadGivenUp,
  loadJoined,
  loadLeft,
  loadStarted,
  mayLoad,
  noLoads,
  type ResidentModel,
  runningLoad,
} from '../../src/core/loads.ts';
import { propertyRuns } from '../property-runs.ts';

const request = (changes: Partial<LoadRequest> = {}): LoadRequest => ({
  backend: 'gpu',
  model: 'm',
  options: '{}',
  ...changes,
});

const facts = (changes: Partial<LoadFacts> = {}): LoadFacts => ({
  residents: [],
  neededBytes: undefined,
  freeBytes: undefined,
  demand: 1,
  expectedMs: 10_000,
  deadlineAt: undefined,
  barred: undefined,
  ...changes,
});

const resident = (changes: Partial<ResidentModel> = {}): ResidentModel => ({
  model: 'old',
  options: '{}',
  sizeBytes: 4,
  loadedAt: 0,
  lastUsedAt: 0,
  inflight: 0,
  demand: 1,
  ...changes,
});

const start = (state: LoadState, wanted: LoadRequest, now: number, waiter = 'first'): LoadState =>
  loadStarted(state, wanted, { waiter, expectedMs: 10_000, p95Ms: 20_000 }, now);

const crowded = (residents: readonly ResidentModel[], demand = 1): LoadFacts =>
  facts({ residents, neededBytes: 4, freeBytes: 0, demand });

describe('a cold load', () => {
  test('starts on an idle host, and everyone else who wants it joins', () => {
    expect(mayLoad(noLoads, request(), facts(), 0)).toEqual({
      verdict: 'start',
      evicts: [],
      readyMs: 10_000,
    });
    const state = start(noLoads, request(), 0);
    expect(mayLoad(state, request(), facts(), 4000)).toEqual({ verdict: 'join', readyMs: 6000 });
    const joined = loadJoined(state, request(), 'second');
    expect([...(runningLoad(joined, 'gpu')?.waiters ?? [])]).toEqual(['first', 'second']);
  });

  test('has its host for itself: other models and other options wait, other hosts do not', () => {
    const state = start(noLoads, request(), 0);
    const wait = { verdict: 'wait', againAt: 10_000, reason: 'another model is loading' } as const;
    expect(mayLoad(state, request({ model: 'n' }), facts(), 4000)).toEqual(wait);
    expect(mayLoad(state, request({ options: '{"num_ctx":8192}' }), facts(), 4000)).toEqual(wait);
    expect(mayLoad(state, request({ backend: 'cpu' }), facts(), 4000).verdict).toBe('start');
  });

  test('that is late is not said to be ready any moment', () => {
    const state = start(noLoads, request(), 0);
    expect(mayLoad(state, request(), facts(), 30_000)).toEqual({ verdict: 'join', readyMs: 3000 });
  });

  test('goes on without the caller it was started for, and is abandoned only when nobody waits', () => {
    const joined = loadJoined(start(noLoads, request(), 0), request(), 'second');
    const one = loadLeft(joined, 'gpu', 'first');
    expect(one.abandoned).toBeUndefined();
    expect(runningLoad(one.state, 'gpu')?.id).toBe(1);
    const none = loadLeft(one.state, 'gpu', 'second');
    expect(none.abandoned?.id).toBe(1);
    expect(runningLoad(none.state, 'gpu')?.id).toBe(1);
    expect(loadLeft(none.state, 'gpu', 'second')).toEqual({ state: none.state, abandoned: undefined });
  });

  test('that nobody waits for can be joined again before it is given up', () => {
    const { state } = loadLeft(start(noLoads, request(), 0), 'gpu', 'first');
    expect(mayLoad(state, request(), facts(), 1000).verdict).toBe('join');
    const again = loadJoined(state, request(), 'third');
    expect(loadLeft(again, 'gpu', 'third').abandoned?.id).toBe(1);
  });

  test('frees its host by its own end, not by the late end of an earlier one', () => {
    const first = start(noLoads, request(), 0);
    const second = start(loadEnded(first, 'gpu', 1), request(), 20_000);
    expect(loadEnded(second, 'gpu', 1)).toBe(second);
    expect(runningLoad(loadEnded(second, 'gpu', 2), 'gpu')).toBeUndefined();
    expect(loadEnded(noLoads, 'gpu', 1)).toBe(noLoads);
  });

  test('has three times its usual time, within half a minute and five', () => {
    expect([1000, 20_000, 500_000].map(loadDeadlineMs)).toEqual([30_000, 60_000, 300_000]);
    const state = start(noLoads, request(), 1000);
    expect(runningLoad(state, 'gpu')?.deadlineAt).toBe(61_000);
  });

  test('is refused where it is barred or would be ready too late', () => {
    expect(mayLoad(noLoads, request(), facts({ barred: 'out of memory' }), 0)).toEqual({
      verdict: 'refuse',
      reason: 'out of memory',
    });
    expect(mayLoad(noLoads, request(), facts({ deadlineAt: 10_000 }), 0).verdict).toBe('start');
    expect(mayLoad(noLoads, request(), facts({ deadlineAt: 9999 }), 0).verdict).toBe('refuse');
    const state = start(noLoads, request(), 0);
    expect(mayLoad(state, request(), facts({ deadlineAt: 9999 }), 5000).verdict).toBe('refuse');
    expect(mayLoad(state, request({ model: 'n' }), facts({ deadlineAt: 19_999 }), 5000).verdict).toBe(
      'refuse',
    );
  });
});

describe('thrashing', () => {
  test('is stopped after four loads in a minute', () => {
    let state = noLoads;
    for (const at of [0, 1000, 2000, 3000])
      state = loadEnded(start(state, request(), at), 'gpu', state.lastId + 1);
    expect(mayLoad(state, request(), facts(), 59_999)).toEqual({
      verdict: 'wait',
      againAt: 60_000,
      reason: 'too many loads in a minute',
    });
    expect(mayLoad(state, request(), facts(), 60_000).verdict).toBe('start');
  });

  test('is no load that nobody waited for to its end', () => {
    let state = noLoads;
    for (const at of [0, 1000, 2000, 3000]) {
      state = start(state, request(), at);
      const running = runningLoad(state, 'gpu');
      if (running === undefined) throw new Error('nothing runs');
      state = at === 1000 ? loadGivenUp(state, running) : loadEnded(state, 'gpu', running.id);
      expect(loadGivenUp(state, running)).toBe(state);
    }
    expect(mayLoad(state, request(), facts(), 4000).verdict).toBe('start');
  });

  test('is judged by the last minute only, and nothing older is kept', () => {
    let state = noLoads;
    for (let at = 0; at < 6_000_000; at += 20_000) {
      expect(mayLoad(state, request(), facts(), at).verdict).toBe('start');
      state = loadEnded(start(state, request(), at), 'gpu', state.lastId + 1);
    }
    expect(state.hosts.get('gpu')?.starts).toHaveLength(3);
  });

  test('is stopped by letting a model stay for a minute, however much another is wanted', () => {
    expect(mayLoad(noLoads, request(), crowded([resident()], 100), 59_999)).toEqual({
      verdict: 'wait',
      againAt: 60_000,
      reason: 'a model in use would have to leave',
    });
    expect(mayLoad(noLoads, request(), crowded([resident()]), 60_000)).toEqual({
      verdict: 'start',
      evicts: ['old'],
      readyMs: 10_000,
    });
  });

  test('is stopped by keeping what was just used, unless the other is wanted more than three times as much', () => {
    const used = [resident({ lastUsedAt: 100_000, demand: 2 })];
    expect(mayLoad(noLoads, request(), crowded(used, 6), 129_999).verdict).toBe('wait');
    expect(mayLoad(noLoads, request(), crowded(used, 7), 129_999).verdict).toBe('start');
    expect(mayLoad(noLoads, request(), crowded(used, 6), 130_000).verdict).toBe('start');
    const busy = [resident({ inflight: 1, demand: 2 })];
    expect(mayLoad(noLoads, request(), crowded(busy, 6), 500_000).verdict).toBe('wait');
  });

  test('is nothing to fear where there is room, or nothing is known of the room', () => {
    const residents = [resident({ lastUsedAt: 1000 })];
    expect(
      mayLoad(noLoads, request(), facts({ residents, neededBytes: 4, freeBytes: 4 }), 1000).verdict,
    ).toBe('start');
    expect(mayLoad(noLoads, request(), facts({ residents }), 1000).verdict).toBe('start');
  });

  test('would also be to load a model in other options than it just was', () => {
    const residents = [resident({ model: 'm', options: '{"num_ctx":8192}', loadedAt: 1000 })];
    expect(mayLoad(noLoads, request(), facts({ residents }), 2000).verdict).toBe('wait');
    expect(mayLoad(noLoads, request(), facts({ residents }), 61_000)).toMatchObject({ evicts: ['m'] });
    const unknown = [resident({ model: 'm', options: undefined, loadedAt: 1000 })];
    expect(mayLoad(noLoads, request(), facts({ residents: unknown }), 2000).verdict).toBe('start');
  });

  test('takes out first who is idle and was not used for longest, and no more than is needed', () => {
    const residents = [
      resident({ model: 'busy', inflight: 1, lastUsedAt: 10 }),
      resident({ model: 'newer', lastUsedAt: 40 }),
      resident({ model: 'older', lastUsedAt: 20 }),
    ];
    const needs = (neededBytes: number) =>
      mayLoad(noLoads, request(), facts({ residents, neededBytes, freeBytes: 1 }), 600_000);
    expect(needs(5)).toMatchObject({ evicts: ['older'] });
    expect(needs(6)).toMatchObject({ evicts: ['older', 'newer'] });
    expect(needs(10).verdict).toBe('wait');
  });
});

describe('whoever asks in whatever order', () => {
  const host = fc.constantFrom('gpu', 'cpu');
  const action = fc.record({
    what: fc.constantFrom('ask', 'ask', 'ask', 'leave', 'end', 'late end'),
    backend: host,
    model: fc.constantFrom('m', 'n', 'o'),
    options: fc.constantFrom('{}', '{"num_ctx":8192}'),
    waiter: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.nat(20_000),
  });

  test('a host never loads two models, nor more than four in a minute, and a load is never started twice', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        let state = noLoads;
        let now = 0;
        const running = new Map<string, { id: number; key: string }>();
        const starts: { backend: string; at: number }[] = [];
        const ask = (wanted: LoadRequest, waiter: string): void => {
          const key = JSON.stringify(wanted);
          const before = running.get(wanted.backend);
          const { verdict } = mayLoad(state, wanted, facts(), now);
          expect(verdict === 'join').toBe(before?.key === key);
          if (verdict === 'join') state = loadJoined(state, wanted, waiter);
          if (verdict !== 'start') return;
          expect(before).toBeUndefined();
          state = start(state, wanted, now, waiter);
          running.set(wanted.backend, { id: state.lastId, key });
          starts.push({ backend: wanted.backend, at: now });
          const recent = starts.filter(({ backend, at }) => backend === wanted.backend && at > now - 60_000);
          expect(recent.length).toBeLessThanOrEqual(4);
        };
        const end = (backend: string): void => {
          state = loadEnded(state, backend, running.get(backend)?.id ?? -1);
          running.delete(backend);
        };
        for (const { what, backend, model, options, waiter, afterMs } of actions) {
          now += afterMs;
          if (what === 'ask') ask({ backend, model, options }, waiter);
          else if (what === 'end') end(backend);
          else if (what === 'late end')
            state = loadEnded(state, backend, (running.get(backend)?.id ?? 0) - 1);
          else {
            const left = loadLeft(state, backend, waiter);
            state = left.state;
            if (left.abandoned !== undefined) end(backend);
          }
          expect(runningLoad(state, backend)?.id).toBe(running.get(backend)?.id as number);
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
