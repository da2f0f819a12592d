/**
 * Which models are in memory: one load at a time, a bounded queue before it,
 * eviction when there is no room, and requests for loaded models that pass by all of this.
 */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Cancellation } from './cancellation.ts';
import { EngineFailure } from './engine-failure.ts';
import { decidePlacement, type MachineMemory, type RunnerSpec } from './placement.ts';
import type { Pace, Placement } from './rates.ts';
import { byEviction, createRunner, type Runner, restRunner } from './runner.ts';
import { type Line, type Waiting, waitIn } from './waiting.ts';

/** The limits of a machine. */
export interface SchedulerSettings {
  readonly memory: MachineMemory;
  readonly maxLoaded: number;
  /** Requests that may wait behind the one being loaded for; those for a loaded model are not counted. */
  readonly maxQueue: number;
  readonly keepAliveMs: Millis;
  /** Which part of a load passes before it turns out that memory is short; 0 where the engine asks first. */
  readonly failsAfter: number;
}

/** What has happened to models so far. */
export interface SchedulerCounts {
  loads: number;
  loadsAborted: number;
  evictions: number;
  unloads: number;
  reloads: number;
}

/** Who may use which model, and when. */
export interface Scheduler {
  readonly counts: Readonly<SchedulerCounts>;
  /** Holds the runner for the caller, loading it first if need be; rejects with an `EngineFailure`. */
  acquire(spec: RunnerSpec, keepAliveMs: Millis | undefined, cancellation: Cancellation): Promise<Runner>;
  release(runner: Runner): void;
  /** Puts a model in at once, without the time that a load takes. */
  preload(spec: RunnerSpec): void;
  /** Ends the stay of a model: now if it is idle, else when its last request ends. */
  retire(key: string): boolean;
  /** Empties the memory, as the end of the process does; everybody who waits is turned away. */
  clear(failure: EngineFailure): void;
  readonly loaded: () => readonly Runner[];
  readonly loading: () => RunnerSpec | undefined;
  readonly waiting: () => number;
}

interface Pending extends Waiting<Runner> {
  readonly spec: RunnerSpec;
  readonly keepAliveMs: Millis | undefined;
}

interface Load {
  readonly spec: RunnerSpec;
  readonly stop: () => void;
}

const sameLoad = (first: RunnerSpec, second: RunnerSpec): boolean =>
  first.key === second.key && first.loadOptions === second.loadOptions;

/** An empty machine. */
export const createScheduler = (settings: SchedulerSettings, pace: Pace, clock: Clock): Scheduler => {
  const runners = new Map<string, Runner>();
  const pending: Pending[] = [];
  const counts: SchedulerCounts = { loads: 0, loadsAborted: 0, evictions: 0, unloads: 0, reloads: 0 };
  let load: Load | undefined;

  const remove = (runner: Runner): void => {
    if (runners.get(runner.spec.key) !== runner) return;
    runner.stopTimer();
    runners.delete(runner.spec.key);
    counts.unloads++;
    pump();
  };

  const hold = (runner: Runner, keepAliveMs: Millis | undefined): Runner => {
    runner.stopTimer();
    runner.references++;
    if (keepAliveMs !== undefined) runner.keepAliveMs = keepAliveMs;
    return runner;
  };

  const placements = (): Placement[] => [...runners.values()].map((runner) => runner.placement);

  /** Idle runners go now; if there is none, the first in line goes when it has finished. */
  const makeRoom = (): void => {
    const victim = [...runners.values()].sort(byEviction)[0];
    if (victim === undefined) return;
    victim.leaving = true;
    counts.evictions++;
    if (victim.references === 0) remove(victim);
  };

  const finishLoad = (spec: RunnerSpec, placement: Placement): void => {
    load = undefined;
    const runner = createRunner(spec, placement, settings.keepAliveMs);
    runners.set(spec.key, runner);
    const index = pending.findIndex((waiting) => sameLoad(waiting.spec, spec));
    pending.unshift(...(index > 0 ? pending.splice(index, 1) : []));
    pump();
    if (runner.references === 0 && runners.get(spec.key) === runner) restRunner(runner, clock, remove);
  };

  const failLoad = (spec: RunnerSpec, failure: EngineFailure): void => {
    load = undefined;
    const head = pending.findIndex((waiting) => sameLoad(waiting.spec, spec));
    if (head >= 0) pending.splice(head, 1)[0]?.refuse(failure);
    pump();
  };

  const afterLoading = (durationMs: Millis, spec: RunnerSpec, run: () => void): void => {
    if (durationMs > 0) load = { spec, stop: clock.after(durationMs, run) };
    else run();
  };

  const startLoad = (spec: RunnerSpec): void => {
    const decision = runners.size >= settings.maxLoaded ? { type: 'evict' as const } : decide(spec);
    if (decision.type === 'evict') {
      const leaving = [...runners.values()].some((runner) => runner.leaving);
      if (!leaving) makeRoom();
      return;
    }
    if (decision.type === 'load') {
      counts.loads++;
      const { placement } = decision;
      afterLoading(pace.loadMs(spec.model.sizeBytes), spec, () => finishLoad(spec, placement));
      return;
    }
    const failure = new EngineFailure('out-of-memory', {
      neededBytes: decision.neededBytes,
      availableBytes: decision.availableBytes,
      ...(spec.gpuLayers === undefined ? {} : { gpuLayers: spec.gpuLayers }),
    });
    const durationMs = pace.loadMs(spec.model.sizeBytes) * settings.failsAfter;
    afterLoading(durationMs, spec, () => failLoad(spec, failure));
  };

  const decide = (spec: RunnerSpec) => decidePlacement(spec, settings.memory, placements());

  /** Works on the first in the queue only: whoever stands behind it waits, whatever model they want. */
  const pump = (): void => {
    while (load === undefined) {
      const head = pending[0];
      if (head === undefined) return;
      const runner = runners.get(head.spec.key);
      if (runner !== undefined && sameLoad(runner.spec, head.spec)) {
        pending.shift();
        runner.leaving = false;
        head.give(hold(runner, head.keepAliveMs));
        continue;
      }
      if (runner !== undefined) {
        if (!runner.leaving) counts.reloads++;
        runner.leaving = true;
        if (runner.references > 0) return;
        // Its removal pumps again, so this loop has nothing more to do.
        remove(runner);
        return;
      }
      const before = runners.size;
      startLoad(head.spec);
      if (load === undefined && pending[0] === head && runners.size === before) return;
    }
  };

  const line: Line<Pending> = {
    join: (entry) => {
      pending.push(entry);
      pump();
    },
    leave: (entry) => {
      const index = pending.indexOf(entry);
      if (index < 0) return;
      pending.splice(index, 1);
      if (load !== undefined) {
        const { spec, stop } = load;
        if (!sameLoad(spec, entry.spec) || pending.some((other) => sameLoad(other.spec, spec))) return;
        stop();
        load = undefined;
        counts.loadsAborted++;
      }
      pump();
    },
  };

  return {
    counts,
    acquire(spec, keepAliveMs, cancellation) {
      const runner = runners.get(spec.key);
      if (runner !== undefined && sameLoad(runner.spec, spec))
        return Promise.resolve(hold(runner, keepAliveMs));
      if (pending.length > settings.maxQueue) return Promise.reject(new EngineFailure('busy'));
      return waitIn(line, { spec, keepAliveMs }, cancellation);
    },
    release(runner) {
      runner.references--;
      if (runners.get(runner.spec.key) !== runner) return;
      restRunner(runner, clock, remove);
    },
    preload(spec) {
      const decision = decide(spec);
      if (decision.type !== 'load') return;
      const runner = createRunner(spec, decision.placement, settings.keepAliveMs);
      runners.set(spec.key, runner);
      restRunner(runner, clock, remove);
    },
    retire(key) {
      const runner = runners.get(key);
      if (runner === undefined) return false;
      runner.keepAliveMs = 0;
      if (runner.references === 0) remove(runner);
      return true;
    },
    clear(failure) {
      load?.stop();
      load = undefined;
      for (const runner of runners.values()) {
        runner.stopTimer();
        runner.pool.close(failure);
      }
      runners.clear();
      for (const entry of pending.splice(0)) entry.refuse(failure);
    },
    loaded: () => [...runners.values()],
    loading: () => load?.spec,
    waiting: () => pending.length,
  };
};
