/** Ollama up to v0.24: its own runner, which asks for memory before it loads. */

import { formatByteSize } from './byte-size.ts';
import type { EngineTexts } from './engine-texts.ts';

/** The sentences of the older generation. */
export const oldEngineTexts: EngineTexts = {
  outOfMemory: ({ neededBytes = 0, availableBytes = 0, gpuLayers }) =>
    gpuLayers === undefined
      ? `model requires more system memory (${formatByteSize(neededBytes)}) than is available (${formatByteSize(availableBytes)})`
      : `memory layout cannot be allocated with num_gpu = ${gpuLayers}`,
  outOfMemoryLater: 'llama runner process has terminated: cudaMalloc failed: out of memory',
  crashed: 'llama runner process no longer running: 2 ',
  crashedInStream: 'an error was encountered while running the model: unexpected EOF',
  noVision: undefined,
  contextExceeded: () => 'the input length exceeds the context length',
  embeddingsUnsupported: { status: 501, text: 'this model does not support embeddings' },
};
