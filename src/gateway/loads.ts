/**
 * Loads of models as jobs of the gateway: one at a time on a host, shared by all who want the same, given up when nobody
 * wants it any more. Who comes for a cold model has it loaded before its request is sent. Shell around `core/loads.ts`.
 */

import {
  type LoadState,
  type LoadVerdict,
  loadEnded,
  loadGivenUp,
  loadJoined,
  loadLeft,
  loadStarted,
  mayLoad,
  noLoads,
  type RunningLoad,
  runningLoad,
} from '../core/loads.ts';
import { observe } from '../core/rates.ts';
import type { Ports } from '../spec/ports.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { callForLoad, type LoadEnd } from './load-call.ts';
import { expectedMsOf, factsOf, type LoadWish, requestOf } from './load-facts.ts';
import { residencyOf } from './pair.ts';

/** One wish under way. */
export interface LoadTicket {
  readonly done: Promise<LoadEnd>;
  /** It is not wanted any more; a load that nobody else wants is given up. */
  leave(): void;
}

export interface Loads {
  want(wish: LoadWish): LoadTicket;
  /** Looks anew at what waits there, since something changed that another instance told. */
  wake(backend: BackendId): void;
  /** Gives up all that runs. */
  stop(): void;
}

interface Job {
  readonly controller: AbortController;
  readonly done: Promise<LoadEnd>;
}

interface Wanting extends LoadWish {
  readonly waiter: string;
  readonly since: Millis;
  left: boolean;
  /** Ends what is waited for, so that it is looked at anew. */
  wake: () => void;
}

/** What nearly all loads take, as a multiple of what they take on average. */
const p95Factor = 2;

/** What is only assumed ends no load, and neither does the engine's wait for what it has in use. */
const p95MsOf = ({ host, pair }: LoadWish, expectedMs: Millis): Millis =>
  pair.rates.evidence.load > 0 && host.inflight <= pair.inflight ? p95Factor * expectedMs : Infinity;

const ready: LoadEnd = { end: 'ready' };
const dropped: LoadEnd = { end: 'dropped' };

/** Until when another instance goes first with a load that could be started now; undefined: nobody does. */
export type LoadHold = (wish: LoadWish, now: Millis) => Millis | undefined;

/** No loads run. */
export const createLoads = (
  ports: Ports,
  changed: () => void,
  report: Report,
  holds: LoadHold = () => undefined,
): Loads => {
  const { clock } = ports;
  let state: LoadState = noLoads;
  let wants = 0;
  const jobs = new Map<number, Job>();
  /** Those who wait for a host to be done with something else. */
  const waiting = new Map<BackendId, Set<Wanting>>();

  const isHot = ({ pair, host }: LoadWish): boolean => residencyOf(pair, host, clock.now()).state === 'hot';

  const learn = ({ pair }: LoadWish, tookMs: Millis, concurrency: number): void => {
    const observation = {
      inputTokens: undefined,
      cachedTokens: undefined,
      outputTokens: undefined,
      firstTokenMs: tookMs,
      durationMs: tookMs,
      expectedMs: undefined,
      concurrency,
      cold: true,
      whole: false,
      timings: undefined,
    };
    pair.rates = observe(pair.rates, observation, clock.now());
  };

  const wakeAll = (backend: BackendId): void => {
    for (const wanting of [...(waiting.get(backend) ?? [])]) wanting.wake();
  };

  /** The host is free for the next one. */
  const close = ({ host, pair }: LoadWish, load: RunningLoad): void => {
    state = loadEnded(state, load.backend, load.id);
    if (host.loading?.id === load.id) {
      host.loading = undefined;
      pair.loadingSince = undefined;
    }
    wakeAll(load.backend);
  };

  const run = async (wish: LoadWish, load: RunningLoad, controller: AbortController): Promise<LoadEnd> => {
    const { host, pair } = wish;
    const cancel = clock.after(load.deadlineAt - clock.now(), () => controller.abort());
    host.loading = load;
    pair.loadingSince = load.startedAt;
    const ended = await callForLoad(wish, ports, controller.signal);
    cancel();
    const now = clock.now();
    jobs.delete(load.id);
    if (ended.end === 'ready') {
      pair.heardAt = now;
      pair.loadedAt = now;
      learn(wish, now - load.startedAt, Math.max(1, host.inflight));
    }
    // Given up, it left its place to the next one.
    const isDropped = ended.end === 'failed' && host.loading?.id !== load.id;
    report({
      type: 'load',
      backend: load.backend,
      model: pair.upstream,
      outcome: isDropped ? 'dropped' : ended.end,
      ...(ended.end === 'failed' && !isDropped ? { class: ended.failure.class } : {}),
      durationMs: now - load.startedAt,
    });
    close(wish, load);
    changed();
    return ended;
  };

  const start = (wanting: Wanting, now: Millis): Job => {
    const request = requestOf(wanting);
    const expectedMs = expectedMsOf(wanting, now);
    const { waiter } = wanting;
    state = loadStarted(state, request, { waiter, expectedMs, p95Ms: p95MsOf(wanting, expectedMs) }, now);
    const load = runningLoad(state, request.backend);
    if (load === undefined) throw new RangeError('a load that was started does not run');
    const controller = new AbortController();
    const job: Job = { controller, done: run(wanting, load, controller) };
    jobs.set(load.id, job);
    return job;
  };

  /** Until something happens on the host, or the time is there. */
  const pause = (wanting: Wanting, untilMs: Millis): Promise<void> => {
    const { id } = wanting.host.backend.options;
    const here = waiting.get(id) ?? new Set();
    waiting.set(id, here.add(wanting));
    return new Promise((resolve) => {
      const cancel =
        untilMs === Infinity
          ? undefined
          : clock.after(Math.max(1, untilMs - clock.now()), () => wanting.wake());
      wanting.wake = () => {
        cancel?.();
        here.delete(wanting);
        resolve();
      };
    });
  };

  /** Until when it waits for what is in use there; `now` where it does not. */
  const patientUntil = (wanting: Wanting, verdict: LoadVerdict, now: Millis): Millis => {
    if (wanting.manner !== 'soon' || verdict.verdict !== 'wait') return now;
    return Math.min(verdict.againAt, wanting.since + expectedMsOf(wanting, now));
  };

  /** The job it may share or start now; else how long to wait. */
  const turn = (wanting: Wanting): Job | { readonly againAt: Millis } | undefined => {
    const now = clock.now();
    const request = requestOf(wanting);
    const running = runningLoad(state, request.backend);
    const verdict = mayLoad(state, request, factsOf(wanting, now), now);
    if (verdict.verdict === 'join' && running !== undefined) {
      state = loadJoined(state, request, wanting.waiter);
      return jobs.get(running.id);
    }
    if (running !== undefined) return { againAt: Infinity };
    if (wanting.manner === 'spare' && (verdict.verdict !== 'start' || verdict.evicts.length > 0))
      return undefined;
    const waitsUntil = patientUntil(wanting, verdict, now);
    if (waitsUntil > now) return { againAt: waitsUntil };
    // Asked last: whose turn it is, that one starts.
    const heldUntil = wanting.manner === 'now' ? undefined : holds(wanting, now);
    return heldUntil === undefined ? start(wanting, now) : { againAt: heldUntil };
  };

  const follow = async (wanting: Wanting): Promise<LoadEnd> => {
    for (let isFirst = true; !wanting.left; isFirst = false) {
      // While this one waited, another may have loaded it.
      if (!(isFirst && wanting.manner === 'now') && isHot(wanting)) return ready;
      const next = turn(wanting);
      if (next === undefined) return dropped;
      if ('done' in next) {
        const leaving = new Promise<LoadEnd>((resolve) => {
          wanting.wake = () => resolve(dropped);
        });
        return await Promise.race([next.done, leaving]);
      }
      await pause(wanting, next.againAt);
    }
    return dropped;
  };

  return {
    want: (wish) => {
      wants += 1;
      const wanting: Wanting = {
        ...wish,
        waiter: `${wants}`,
        since: clock.now(),
        left: false,
        wake: () => undefined,
      };
      const { id } = wish.host.backend.options;
      return {
        done: follow(wanting),
        leave: () => {
          if (wanting.left) return;
          wanting.left = true;
          const { state: after, abandoned } = loadLeft(state, id, wanting.waiter);
          state = after;
          wanting.wake();
          if (abandoned === undefined) return;
          jobs.get(abandoned.id)?.controller.abort();
          state = loadGivenUp(state, abandoned);
          close(wish, abandoned);
        },
      };
    },
    wake: wakeAll,
    stop: () => {
      for (const { controller } of jobs.values()) controller.abort();
    },
  };
};
