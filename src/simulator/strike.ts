/** Faults above the bytes: those that answer instead of the engine, and those that break its run. */

import { asString } from '../spec/json.ts';
import { EngineFailure } from './engine-failure.ts';
import type { Exchange, Surface } from './exchange.ts';
import type { Fault } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** Faults that decide the answer before the engine is asked; true when this one did. */
export const strike = (exchange: Exchange, surface: Surface, scheduler: Scheduler): boolean => {
  const { reply, fault, body } = exchange;
  switch (fault?.fault) {
    case 'reset':
      if (fault.after !== undefined) return false;
      reply.reset();
      return true;
    case 'error-500':
      exchange.fail(new EngineFailure('internal'));
      return true;
    case 'error-503':
      exchange.fail(new EngineFailure('unavailable'));
      return true;
    case 'busy-503':
      exchange.fail(new EngineFailure('busy'));
      return true;
    case 'rate-429':
      exchange.fail(new EngineFailure('rate-limited'));
      return true;
    case 'model-lost':
      exchange.refuse(surface.unknownModel(asString(body.model) ?? ''));
      return true;
    case 'oom':
      exchange.fail(new EngineFailure('out-of-memory-later'));
      // The engine takes every other model out of memory before it goes on.
      for (const runner of scheduler.loaded()) scheduler.retire(runner.spec.key);
      return true;
    case 'empty-stream':
      reply.open(surface.streamType);
      reply.end();
      return true;
    case 'error-line-first':
      reply.open(surface.streamType);
      reply.write(surface.inStream(new EngineFailure('crashed')), 0);
      reply.end();
      return true;
    default:
      return false;
  }
};

/** The engine-level part of a fault, for a run. */
export const breaksOf = (
  fault: Fault | undefined,
): { afterTokens: number; how: 'hang' | 'crash' } | undefined => {
  switch (fault?.fault) {
    case 'hang-before-headers':
      return { afterTokens: 0, how: 'hang' };
    case 'hang-between-chunks':
      return { afterTokens: fault.after ?? 1, how: 'hang' };
    case 'crash-after':
      return { afterTokens: fault.after ?? 1, how: 'crash' };
    default:
      return undefined;
  }
};
