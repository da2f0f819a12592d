/** One answer to be given, in no dialect: what a kind of host reads a request into before the engine starts. */

import type { Millis } from '../spec/vocabulary.ts';
import type { EngineFailure } from './engine-failure.ts';
import type { RunReport } from './engine-run.ts';
import type { Exchange } from './exchange.ts';
import type { HostCore } from './host-core.ts';
import type { Answer, Piece } from './piece.ts';
import type { RunnerSpec } from './placement.ts';
import { breaksOf } from './strike.ts';

/** What the engine is asked for, the answer included, since it is decided beforehand. */
export interface Generation {
  readonly spec: RunnerSpec;
  readonly keepAliveMs: Millis | undefined;
  readonly prompt: string;
  readonly promptTokens: number;
  /** What the chat template puts before the answer, and before it again when it comes back in a later prompt. */
  readonly opening: string;
  readonly answer: Answer;
}

/** How a dialect writes an answer; a whole answer only uses `done`. */
export interface AnswerWriter {
  piece(piece: Piece, index: number): void;
  done(report: RunReport): void;
}

/** The mark of an answer in a chat, in the one template all simulated models share. */
export const chatOpening = '\n<|assistant|>';

/** Runs a generation on the engine, with whatever fault has struck its exchange. */
export const generate = (
  core: HostCore,
  exchange: Exchange,
  generation: Generation,
  writer: AnswerWriter,
): void => {
  const breaks = breaksOf(exchange.fault);
  core.engine.run(
    {
      spec: generation.spec,
      keepAliveMs: generation.keepAliveMs,
      prompt: generation.prompt,
      promptTokens: generation.promptTokens,
      opening: generation.opening,
      pieces: generation.answer.pieces,
      cancellation: exchange.reply.cancellation,
      ...(breaks === undefined ? {} : { breaks }),
    },
    {
      piece: writer.piece,
      done: writer.done,
      failed: (failure: EngineFailure) => exchange.fail(failure),
    },
  );
};

/** The text of an answer's pieces of one kind. */
export const textOf = (pieces: readonly Piece[], kind: Piece['kind']): string => {
  let text = '';
  for (const piece of pieces) if (piece.kind === kind) text += piece.text;
  return text;
};
