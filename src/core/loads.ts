/**
 * Cold loads, one at a time per host: who may start one, who joins, who has to wait. A load belongs to the gateway,
 * not to the caller it was started for. Reducers over data; the time is an argument. Imports spec.
 */

import type { BackendId, Millis } from '../spec/vocabulary.ts';

/** What is to be in memory where; equal host, model and options are one load. */
export interface LoadRequest {
  readonly backend: BackendId;
  readonly model: string;
  /** The runner options in canonical form: an engine takes other options for another model. */
  readonly options: string;
}

/** A load under way. */
export interface RunningLoad extends LoadRequest {
  /** Tells this load from an earlier one of the same model that ends late. */
  readonly id: number;
  readonly startedAt: Millis;
  /** When it is given up. */
  readonly deadlineAt: Millis;
  readonly expectedMs: Millis;
  /** Requests and the gateway's own jobs that want it; without any it may be given up. */
  readonly waiters: ReadonlySet<string>;
}

interface HostLoads {
  readonly running: RunningLoad | undefined;
  /** The starts of the last minute, oldest first. */
  readonly starts: readonly Millis[];
}

export interface LoadState {
  readonly hosts: ReadonlyMap<BackendId, HostLoads>;
  readonly lastId: number;
}

/** A model in the host's memory. */
export interface ResidentModel {
  readonly model: string;
  readonly options: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly loadedAt: Millis;
  readonly lastUsedAt: Millis;
  readonly inflight: number;
  /** How much it is asked for, in any unit that is the same for all. */
  readonly demand: number;
}

/** What the decision needs to know of the host and of the wish. */
export interface LoadFacts {
  readonly residents: readonly ResidentModel[];
  readonly neededBytes: number | undefined;
  /** Unknown where an engine does not say; then only a change of options is known to drive a model out. */
  readonly freeBytes: number | undefined;
  readonly demand: number;
  readonly expectedMs: Millis;
  /** When whoever asks needs the first of its answer. */
  readonly deadlineAt: Millis | undefined;
  /** Why nothing may be loaded here now, such as lack of memory. */
  readonly barred: string | undefined;
}

/** `readyMs` is how long until the model is there; `againAt` is the earliest time it makes sense to ask again. */
export type LoadVerdict =
  | { readonly verdict: 'start'; readonly evicts: readonly string[]; readonly readyMs: Millis }
  | { readonly verdict: 'join'; readonly readyMs: Millis }
  | { readonly verdict: 'wait'; readonly againAt: Millis; readonly reason: string }
  | { readonly verdict: 'refuse'; readonly reason: string };

/** A model that was loaded stays at least this long, or two models would drive each other out in turn. */
const residencyMs: Millis = 60_000;

/** What was used this lately will likely be used again. */
const recentUseMs: Millis = 30_000;

/** How many times more wanted a model must be to drive out one that was just used. */
const demandFactor = 3;

const startsPerMinute = 4;
const minuteMs: Millis = 60_000;

export const noLoads: LoadState = { hosts: new Map(), lastId: 0 };

/** How long a load may take: three times what nearly all loads took, at least 30 s, and not beyond Ollama's own 300 s. */
export const loadDeadlineMs = (p95Ms: Millis): Millis => Math.min(300_000, Math.max(30_000, 3 * p95Ms));

/** The load under way on a host. */
export const runningLoad = (state: LoadState, backend: BackendId): RunningLoad | undefined =>
  state.hosts.get(backend)?.running;

const isSame = (left: LoadRequest, right: LoadRequest): boolean =>
  left.backend === right.backend && left.model === right.model && left.options === right.options;

/** What is left of a load; one that is late is not about to end for that, so a part of its time is left always. */
export const remainingMs = ({ startedAt, expectedMs }: RunningLoad, now: Millis): Millis =>
  Math.max(startedAt + expectedMs - now, (now - startedAt) / 10);

/** Who would leave the memory: the same model with other options, then the least recently used until there is room. */
const evictionsOf = (request: LoadRequest, facts: LoadFacts): readonly ResidentModel[] => {
  const evicted = facts.residents.filter(
    ({ model, options }) => model === request.model && options !== undefined && options !== request.options,
  );
  if (facts.neededBytes === undefined || facts.freeBytes === undefined) return evicted;
  let missing = facts.neededBytes - facts.freeBytes;
  for (const { sizeBytes } of evicted) missing -= sizeBytes ?? 0;
  const others = facts.residents
    .filter(({ model }) => model !== request.model)
    .sort((left, right) => left.inflight - right.inflight || left.lastUsedAt - right.lastUsedAt);
  for (const resident of others) {
    if (missing <= 0) break;
    evicted.push(resident);
    missing -= resident.sizeBytes ?? 0;
  }
  return evicted;
};

/** When the evictions are no thrashing any more; `now` when they are not already. */
const evictableAt = (evicted: readonly ResidentModel[], facts: LoadFacts, now: Millis): Millis => {
  const demand = evicted.reduce((sum, resident) => sum + resident.demand, 0);
  const isWanted = facts.demand > demandFactor * demand;
  let at = now;
  for (const { loadedAt, lastUsedAt, inflight } of evicted) {
    at = Math.max(at, loadedAt + residencyMs);
    if (!isWanted) at = Math.max(at, (inflight > 0 ? now : lastUsedAt) + recentUseMs);
  }
  return at;
};

/** Decides on a wish to have a cold model in memory; changes nothing. */
export const mayLoad = (
  state: LoadState,
  request: LoadRequest,
  facts: LoadFacts,
  now: Millis,
): LoadVerdict => {
  const tooLate = (readyAt: Millis): boolean => facts.deadlineAt !== undefined && readyAt > facts.deadlineAt;
  const late = { verdict: 'refuse', reason: 'the model cannot be loaded in time' } as const;
  const { running, starts } = state.hosts.get(request.backend) ?? { running: undefined, starts: [] };
  if (running !== undefined && isSame(running, request)) {
    const readyMs = remainingMs(running, now);
    return tooLate(now + readyMs) ? late : { verdict: 'join', readyMs };
  }
  if (facts.barred !== undefined) return { verdict: 'refuse', reason: facts.barred };
  const evicted = evictionsOf(request, facts);
  let againAt = now;
  let reason: string | undefined;
  const notBefore = (at: Millis, why: string): void => {
    if (at < againAt || at <= now) return;
    againAt = at;
    reason = why;
  };
  if (running !== undefined) notBefore(now + remainingMs(running, now), 'another model is loading');
  notBefore(evictableAt(evicted, facts, now), 'a model in use would have to leave');
  notBefore((starts.at(-startsPerMinute) ?? -Infinity) + minuteMs, 'too many loads in a minute');
  if (tooLate(againAt + facts.expectedMs)) return late;
  if (reason !== undefined) return { verdict: 'wait', againAt, reason };
  return { verdict: 'start', evicts: evicted.map(({ model }) => model), readyMs: facts.expectedMs };
};

const withHost = (state: LoadState, backend: BackendId, loads: HostLoads): LoadState => ({
  ...state,
  hosts: new Map(state.hosts).set(backend, loads),
});

/** Takes the host for a load, after `mayLoad` said `start`; the new load is `runningLoad`. */
export const loadStarted = (
  state: LoadState,
  request: LoadRequest,
  load: { readonly waiter: string; readonly expectedMs: Millis; readonly p95Ms: Millis },
  now: Millis,
): LoadState => {
  const { backend, model, options } = request;
  const starts = (state.hosts.get(backend)?.starts ?? []).filter((at) => at > now - minuteMs);
  const running: RunningLoad = {
    backend,
    model,
    options,
    id: state.lastId + 1,
    startedAt: now,
    deadlineAt: now + loadDeadlineMs(load.p95Ms),
    expectedMs: load.expectedMs,
    waiters: new Set([load.waiter]),
  };
  return withHost({ ...state, lastId: running.id }, backend, { running, starts: [...starts, now] });
};

const withWaiters = (state: LoadState, running: RunningLoad, waiters: ReadonlySet<string>): LoadState =>
  withHost(state, running.backend, {
    running: { ...running, waiters },
    starts: state.hosts.get(running.backend)?.starts ?? [],
  });

/** Adds one who waits for a load under way, after `mayLoad` said `join`. */
export const loadJoined = (state: LoadState, request: LoadRequest, waiter: string): LoadState => {
  const running = runningLoad(state, request.backend);
  if (running === undefined || !isSame(running, request) || running.waiters.has(waiter)) return state;
  return withWaiters(state, running, new Set(running.waiters).add(waiter));
};

/** Takes one off the list: a load nobody waits for is `abandoned` and may be given up, others go on. */
export const loadLeft = (
  state: LoadState,
  backend: BackendId,
  waiter: string,
): { readonly state: LoadState; readonly abandoned: RunningLoad | undefined } => {
  const running = runningLoad(state, backend);
  if (running === undefined || !running.waiters.has(waiter)) return { state, abandoned: undefined };
  const waiters = new Set(running.waiters);
  waiters.delete(waiter);
  const next = withWaiters(state, running, waiters);
  return { state: next, abandoned: waiters.size === 0 ? runningLoad(next, backend) : undefined };
};

/** Frees the host when a load ended, well or not; the late end of an earlier load changes nothing. */
export const loadEnded = (state: LoadState, backend: BackendId, id: number): LoadState => {
  const loads = state.hosts.get(backend);
  if (loads?.running?.id !== id) return state;
  return withHost(state, backend, { ...loads, running: undefined });
};

/** Frees the host of a load that was given up. It counts as none: callers who leave are no sign of models in each other's way. */
export const loadGivenUp = (state: LoadState, { backend, id, startedAt }: RunningLoad): LoadState => {
  const ended = loadEnded(state, backend, id);
  const loads = ended.hosts.get(backend);
  if (ended === state || loads === undefined) return state;
  return withHost(ended, backend, { ...loads, starts: loads.starts.filter((at) => at !== startedAt) });
};
