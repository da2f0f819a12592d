/** One answer on a simulated machine, from the slot it was given to its end; the slot is left clean however it ends. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Cancellation } from './cancellation.ts';
import { EngineFailure } from './engine-failure.ts';
import type { Piece } from './piece.ts';
import type { RunnerSpec } from './placement.ts';
import type { TakenSlot } from './prompt-cache.ts';
import type { Pace } from './rates.ts';
import type { Runner } from './runner.ts';
import type { Scheduler } from './scheduler.ts';

/** What a run cost; durations are those of the clock, as an engine measures them. */
export interface RunReport {
  readonly totalMs: Millis;
  readonly loadMs: Millis;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly prefillMs: Millis;
  readonly decodedTokens: number;
  readonly decodeMs: Millis;
}

/** One answer to be given by one model. */
export interface RunAsk {
  readonly spec: RunnerSpec;
  readonly keepAliveMs: Millis | undefined;
  /** What the slot's memory is compared with; images count as tokens but not as text. */
  readonly prompt: string;
  readonly promptTokens: number;
  /** Stands between prompt and answer in what the slot remembers. */
  readonly opening: string;
  readonly pieces: readonly Piece[];
  readonly cancellation: Cancellation;
  /** A run that goes wrong: after so many tokens it falls silent with the slot in its hands, or its process ends. */
  readonly breaks?: { readonly afterTokens: number; readonly how: 'hang' | 'crash' };
}

/** Who is told of a run: any number of pieces, then one end; nobody is told when the caller has left. */
export interface RunSink {
  piece(piece: Piece, index: number): void;
  done(report: RunReport): void;
  failed(failure: EngineFailure): void;
}

/** A run that held a slot, told when it lets go of it: what only the machine itself knows. */
export interface RunRecord {
  readonly model: string;
  readonly prompt: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** When it reached the machine, and when it got its slot: between them lie load and queue. */
  readonly arrivedAt: Millis;
  readonly slotAt: Millis;
  readonly endedAt: Millis;
  readonly decodedTokens: number;
  readonly how: 'finished' | 'cancelled' | 'failed';
}

/** What happened so far; `active` is what occupies the machine now. */
export interface EngineCounts {
  /** Requests that hold a slot now. */
  active: number;
  decoding: number;
  cancelled: number;
  finished: number;
  failed: number;
}

/** What an engine runs on. */
export interface EngineParts {
  readonly scheduler: Scheduler;
  readonly pace: Pace;
  readonly clock: Clock;
  /** Tokens are handed over together that fall due within this time; 0: each by itself. */
  readonly chunkMs: Millis;
  /** Hears of each run as it ends. */
  readonly onRun: (record: RunRecord) => void;
}

/** The same while it works. */
export interface RunningEngine extends EngineParts {
  readonly counts: EngineCounts;
  /** Ends each run that holds a slot. */
  readonly crashing: Set<() => void>;
}

/** An answer that has got its slot. */
export interface Running {
  readonly ask: RunAsk;
  readonly sink: RunSink;
  readonly runner: Runner;
  readonly taken: TakenSlot;
  readonly startedMs: Millis;
  readonly loadMs: Millis;
}

/** Reads the prompt, then writes one token after the other; ends exactly once. */
export const beginRun = (running: Running, engine: RunningEngine): void => {
  const { scheduler, pace, clock, chunkMs, onRun, counts, crashing } = engine;
  const { ask, sink, runner, taken } = running;
  const weightBytes = runner.spec.model.sizeBytes;
  const cachedTokens = Math.min(taken.cachedTokens, Math.max(0, ask.promptTokens - 1));
  const prefillStartMs = clock.now();
  let decodeStartMs = prefillStartMs;
  let dueMs = prefillStartMs;
  let index = 0;
  const breaksAt = Math.min(ask.breaks?.afterTokens ?? Infinity, ask.breaks ? ask.pieces.length : Infinity);
  let decoding = false;
  let stopTimer: () => void = () => undefined;
  counts.active++;

  const finish = (how: 'finished' | 'cancelled' | 'failed'): void => {
    stopTimer();
    forget();
    crashing.delete(crash);
    counts.active--;
    if (decoding) counts.decoding--;
    counts[how]++;
    const written = ask.pieces.slice(0, index).map((piece) => piece.text);
    runner.pool.release(taken.slot, ask.prompt + ask.opening + written.join(''));
    scheduler.release(runner);
    onRun({
      model: runner.spec.name,
      prompt: ask.prompt,
      promptTokens: ask.promptTokens,
      cachedTokens,
      arrivedAt: running.startedMs,
      slotAt: prefillStartMs,
      endedAt: clock.now(),
      decodedTokens: index,
      how,
    });
  };

  const tokenMs = (): Millis => pace.tokenMs(counts.decoding, weightBytes, runner.placement);

  /** Where tokens come in chunks, the first comes alone and the last is not held back. */
  const nextChunkMs = (): Millis => {
    const nextMs = dueMs - clock.now();
    if (chunkMs <= nextMs || index === 0) return nextMs;
    return Math.min(chunkMs, nextMs + (Math.min(breaksAt, ask.pieces.length) - index - 1) * tokenMs());
  };

  /** All that is due of one kind, as one piece. */
  const takeDue = (piece: Piece): Piece => {
    let text = '';
    for (let next: Piece | undefined = piece; next !== undefined; next = ask.pieces[index]) {
      text += next.text;
      index++;
      dueMs += tokenMs();
      if (chunkMs === 0 || piece.kind === 'call' || ask.pieces[index]?.kind !== piece.kind) break;
      if (dueMs > clock.now() || index >= breaksAt) break;
    }
    return text === piece.text ? piece : { kind: piece.kind, text };
  };

  const decode = (): void => {
    while (true) {
      if (index >= breaksAt) {
        if (ask.breaks?.how === 'crash') crash();
        return;
      }
      const piece = ask.pieces[index];
      if (piece === undefined) break;
      if (dueMs > clock.now()) {
        stopTimer = clock.after(nextChunkMs(), decode);
        return;
      }
      const first = index;
      sink.piece(takeDue(piece), first);
      // The caller may leave, or a fault may strike, while a piece is handed over.
      if (!crashing.has(crash)) return;
    }
    const nowMs = clock.now();
    const report: RunReport = {
      totalMs: nowMs - running.startedMs,
      loadMs: running.loadMs,
      promptTokens: ask.promptTokens,
      cachedTokens,
      prefillMs: decodeStartMs - prefillStartMs,
      decodedTokens: ask.pieces.length,
      decodeMs: nowMs - decodeStartMs,
    };
    finish('finished');
    sink.done(report);
  };

  const startDecoding = (): void => {
    decodeStartMs = clock.now();
    decoding = true;
    counts.decoding++;
    dueMs = decodeStartMs + tokenMs();
    decode();
  };

  const crash = (): void => {
    finish('failed');
    sink.failed(new EngineFailure('crashed'));
  };
  crashing.add(crash);
  const forget = ask.cancellation.onCancel(() => finish('cancelled'));

  const prefillMs = pace.prefillMs(ask.promptTokens - cachedTokens, weightBytes, runner.placement);
  if (prefillMs > 0) stopTimer = clock.after(prefillMs, startDecoding);
  else startDecoding();
};
