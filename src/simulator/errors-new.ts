/** Ollama from v0.30 on: llama.cpp's own server runs behind it, and its words come through, some of them as JSON inside the text. */

import type { EngineTexts } from './engine-texts.ts';

const raw = (code: number, message: string, type: string, extra: object = {}): string =>
  JSON.stringify({ error: { code, message, type, ...extra } });

/** The sentences of the newer generation. */
export const newEngineTexts: EngineTexts = {
  outOfMemory: ({ neededBytes = 0 }) =>
    [
      'llama-server process has terminated: exit status 1: ggml_backend_cuda_buffer_type_alloc_buffer: ' +
        `allocating ${(neededBytes / 1024 ** 2).toFixed(2)} MiB on device 0: cudaMalloc failed: out of memory`,
      `alloc_tensor_range: failed to allocate CUDA0 buffer of size ${neededBytes}`,
      'error loading model: unable to allocate CUDA0 buffer',
    ].join('\n'),
  outOfMemoryLater:
    'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, ' +
    'check ollama server logs for details: CUDA error: out of memory',
  crashed:
    'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, ' +
    'check ollama server logs for details',
  crashedInStream: 'an error was encountered while running the model: unexpected EOF',
  noVision: {
    status: 500,
    text: raw(
      500,
      'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
      'server_error',
    ),
  },
  contextExceeded: (promptTokens, contextTokens) =>
    raw(
      400,
      `request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`,
      'exceed_context_size_error',
      { n_prompt_tokens: promptTokens, n_ctx: contextTokens },
    ),
  embeddingsUnsupported: undefined,
};
