/** The sentences in which an Ollama engine reports its failures; one set per generation. */

import type { FailureFacts } from './engine-failure.ts';

/** What differs in words, and in whether there are words at all. */
export interface EngineTexts {
  outOfMemory(facts: FailureFacts): string;
  /** Memory ran out while a model was answering. */
  readonly outOfMemoryLater: string;
  /** The runner died before the first byte. */
  readonly crashed: string;
  /** The runner died within a stream. */
  readonly crashedInStream: string;
  /** Status and text for images sent to a model without eyes; undefined where they are dropped in silence. */
  readonly noVision: { readonly status: number; readonly text: string } | undefined;
  contextExceeded(promptTokens: number, contextTokens: number): string;
  readonly embeddingsUnsupported: { readonly status: number; readonly text: string } | undefined;
}

/** Both generations refuse loads beyond their queue with these words, two spaces included. */
export const busyText = 'server busy, please try again.  maximum pending requests exceeded';

/** Where the caller has gone, which only a log would show. */
export const canceledText = 'request canceled';
