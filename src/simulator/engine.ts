/**
 * The machine of a simulated host: memory, slots, and the time that reading and writing tokens takes.
 * A run goes through load, slot, prefill and decode, and leaves the machine clean however it ends.
 */

import type { Millis } from '../spec/vocabulary.ts';
import type { Cancellation } from './cancellation.ts';
import { EngineFailure } from './engine-failure.ts';
import {
  beginRun,
  type EngineCounts,
  type EngineParts,
  type RunAsk,
  type RunningEngine,
  type RunSink,
} from './engine-run.ts';
import type { RunnerSpec } from './placement.ts';
import type { TakenSlot } from './prompt-cache.ts';
import type { Scheduler } from './scheduler.ts';

/** A machine with models in it. */
export interface Engine {
  readonly scheduler: Scheduler;
  readonly counts: Readonly<EngineCounts>;
  /** Requests that wait for a slot of a loaded model or for a load. */
  readonly queued: () => number;
  run(ask: RunAsk, sink: RunSink): void;
  /** Brings a model into memory without using it. */
  load(spec: RunnerSpec, keepAliveMs: Millis | undefined, cancellation: Cancellation): Promise<Millis>;
  /** The process ends: every run fails, the memory is empty. */
  crash(): void;
}

/** An engine over an empty machine. */
export const createEngine = (parts: EngineParts): Engine => {
  const { scheduler, clock } = parts;
  const counts: EngineCounts = { active: 0, decoding: 0, cancelled: 0, finished: 0, failed: 0 };
  const crashing = new Set<() => void>();
  const running: RunningEngine = { ...parts, counts, crashing };

  const hold = async (ask: RunAsk, sink: RunSink): Promise<void> => {
    const startedMs = clock.now();
    const runner = await scheduler.acquire(ask.spec, ask.keepAliveMs, ask.cancellation);
    const loadMs = clock.now() - startedMs;
    let taken: TakenSlot | undefined;
    try {
      if (ask.cancellation.cancelled()) throw new EngineFailure('cancelled');
      taken = await runner.pool.take(ask.prompt, ask.cancellation);
      if (ask.cancellation.cancelled()) throw new EngineFailure('cancelled');
    } catch (problem) {
      if (taken !== undefined) runner.pool.release(taken.slot, taken.slot.remembered);
      scheduler.release(runner);
      throw problem;
    }
    beginRun({ ask, sink, runner, taken, startedMs, loadMs }, running);
  };

  return {
    scheduler,
    counts,
    queued: () => {
      let waiting = scheduler.waiting();
      for (const runner of scheduler.loaded()) waiting += runner.pool.waiting();
      return waiting;
    },
    run(ask, sink) {
      hold(ask, sink).catch((problem: unknown) => {
        const failure = problem instanceof EngineFailure ? problem : new EngineFailure('internal');
        counts[failure.kind === 'cancelled' ? 'cancelled' : 'failed']++;
        sink.failed(failure);
      });
    },
    async load(spec, keepAliveMs, cancellation) {
      const startedMs = clock.now();
      const runner = await scheduler.acquire(spec, keepAliveMs, cancellation);
      scheduler.release(runner);
      return clock.now() - startedMs;
    },
    crash() {
      // First the memory, so that no slot set free here is given to somebody who waits.
      scheduler.clear(new EngineFailure('crashed'));
      for (const end of [...crashing]) end();
    },
  };
};
