/** How an Ollama host words what it refuses and what breaks. */

import type { EngineFailure } from './engine-failure.ts';
import { busyText, canceledText, type EngineTexts } from './engine-texts.ts';
import { newEngineTexts } from './errors-new.ts';
import { oldEngineTexts } from './errors-old.ts';
import type { Refusal, Surface } from './exchange.ts';
import type { EngineGeneration } from './host-settings.ts';

/** The sentences of a generation. */
export const engineTextsOf = (engine: EngineGeneration): EngineTexts =>
  engine === 'old' ? oldEngineTexts : newEngineTexts;

/** `{"error":"…"}` with a status, the one shape of a native error. */
export const ollamaError = (status: number, text: string): Refusal => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify({ error: text }),
});

const refusalFor = (failure: EngineFailure, texts: EngineTexts): Refusal => {
  switch (failure.kind) {
    case 'out-of-memory':
      return ollamaError(500, texts.outOfMemory(failure.facts));
    case 'out-of-memory-later':
      return ollamaError(500, texts.outOfMemoryLater);
    case 'busy':
      return ollamaError(503, busyText);
    case 'unavailable':
      return ollamaError(503, 'service unavailable');
    case 'rate-limited':
      return ollamaError(429, 'too many requests');
    case 'cancelled':
      return ollamaError(499, canceledText);
    case 'crashed':
      return ollamaError(500, texts.crashed);
    case 'internal':
      return ollamaError(500, 'unexpected server status: llm server error');
  }
};

/** The surface of one generation of Ollama. */
export const ollamaSurface = (engine: EngineGeneration): Surface => {
  const texts = engineTextsOf(engine);
  return {
    streamType: 'application/x-ndjson',
    maxBodyBytes: Infinity,
    fatal: new Set(),
    refuse: (failure) => refusalFor(failure, texts),
    inStream: (failure) => {
      const text = failure.kind === 'out-of-memory-later' ? texts.outOfMemoryLater : texts.crashedInStream;
      return `${JSON.stringify({ error: text })}\n`;
    },
    unknownModel: (name) => ollamaError(404, `model '${name}' not found`),
    badBody: (problem) =>
      ollamaError(
        400,
        problem === 'empty' ? 'missing request body' : "invalid character 'x' looking for beginning of value",
      ),
  };
};
