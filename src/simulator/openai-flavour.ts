/** The OpenAI-compatible servers: one dialect, and the words and fields in which they differ. */

import type { JsonObject } from '../spec/json.ts';
import type { EngineFailure, FailureKind } from './engine-failure.ts';
import type { Refusal, Surface } from './exchange.ts';

/** Where the servers differ. */
export interface OpenAiFlavour {
  readonly ownedBy: string;
  readonly reasoningField: 'reasoning_content' | 'reasoning';
  /** Content of the first chunk, which only names the role. */
  readonly roleContent: '' | null;
  /** llama.cpp's own account of its time, in the last chunk. */
  readonly timings: boolean;
  /** Silence after which a comment is sent; Infinity: never. */
  readonly pingMs: number;
  /** Whether a stream that failed still ends as if it had not. */
  readonly doneAfterError: boolean;
  /** An error body; `kind` is the server's word for it. */
  error(status: number, kind: string, message: string, extra?: JsonObject): Refusal;
  refuse(failure: EngineFailure, modelName: string): Refusal;
  unknownModel(name: string): Refusal;
  badRequest(message: string): Refusal;
  noVision(modelName: string): Refusal;
  contextExceeded(promptTokens: number, contextTokens: number): Refusal;
  /** More tokens asked for than the context has left; absent where the answer is just cut. */
  maxTokensExceeded?(maxTokens: number, promptTokens: number, contextTokens: number): Refusal;
  /** Failures after which the process is gone. */
  readonly fatal: readonly FailureKind[];
}

const json = (status: number, body: JsonObject): Refusal => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

const rateLimited: Refusal = {
  ...json(429, {
    error: {
      message: 'Rate limit reached for requests',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    },
  }),
  headers: { 'retry-after': '1' },
};

const llamaError = (status: number, kind: string, message: string, extra: JsonObject = {}): Refusal =>
  json(status, { error: { code: status, message, type: kind, ...extra } });

/** llama.cpp's server; Docker Model Runner passes its answers on. */
export const llamaCppFlavour: OpenAiFlavour = {
  ownedBy: 'llamacpp',
  reasoningField: 'reasoning_content',
  roleContent: null,
  timings: true,
  pingMs: 30_000,
  doneAfterError: false,
  error: llamaError,
  refuse(failure) {
    switch (failure.kind) {
      case 'rate-limited':
        return rateLimited;
      case 'busy':
        return llamaError(503, 'unavailable_error', 'no slot available');
      case 'unavailable':
        return llamaError(503, 'unavailable_error', 'Loading model');
      default:
        return llamaError(500, 'server_error', 'Compute error.');
    }
  },
  unknownModel: (name) => llamaError(404, 'not_found_error', `model '${name}' not found`),
  badRequest: (message) => llamaError(400, 'invalid_request_error', message),
  noVision: () =>
    llamaError(
      500,
      'server_error',
      'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    ),
  contextExceeded: (promptTokens, contextTokens) =>
    llamaError(
      400,
      'exceed_context_size_error',
      `request (${promptTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`,
      { n_prompt_tokens: promptTokens, n_ctx: contextTokens },
    ),
  fatal: ['out-of-memory', 'out-of-memory-later'],
};

const vllmError = (status: number, kind: string, message: string, extra: JsonObject = {}): Refusal =>
  json(status, { error: { message, type: kind, param: null, code: status, ...extra } });

/** vLLM, whose queue has no end and whose process does not survive its engine. */
export const vllmFlavour: OpenAiFlavour = {
  ownedBy: 'vllm',
  reasoningField: 'reasoning_content',
  roleContent: '',
  timings: false,
  pingMs: Infinity,
  doneAfterError: true,
  error: vllmError,
  refuse(failure) {
    switch (failure.kind) {
      case 'rate-limited':
        return rateLimited;
      case 'busy':
      case 'unavailable':
        return vllmError(503, 'ServiceUnavailableError', 'Service unavailable');
      case 'crashed':
        return vllmError(
          500,
          'InternalServerError',
          'EngineCore encountered an issue. See stack trace (above) for the root cause.',
        );
      default:
        return vllmError(500, 'InternalServerError', 'Internal server error');
    }
  },
  unknownModel: (name) =>
    vllmError(404, 'NotFoundError', `The model \`${name}\` does not exist.`, { param: 'model' }),
  badRequest: (message) => vllmError(400, 'BadRequestError', message),
  noVision: (name) => vllmError(400, 'BadRequestError', `${name} is not a multimodal model`),
  contextExceeded: (promptTokens, contextTokens) =>
    vllmError(
      400,
      'BadRequestError',
      `This model's maximum context length is ${contextTokens} tokens. However, your request has ${promptTokens} input tokens. Please reduce the length of the input messages.`,
      { param: 'input_tokens' },
    ),
  maxTokensExceeded: (maxTokens, promptTokens, contextTokens) =>
    vllmError(
      400,
      'BadRequestError',
      `'max_tokens' or 'max_completion_tokens' is too large: ${maxTokens}. This model's maximum context length is ${contextTokens} tokens and your request has ${promptTokens} input tokens (${maxTokens} > ${contextTokens} - ${promptTokens}).`,
      { param: 'max_tokens' },
    ),
  fatal: ['out-of-memory', 'out-of-memory-later'],
};

const studioError = (status: number, kind: string, message: string, extra: JsonObject = {}): Refusal =>
  json(status, { error: { message, type: kind, param: null, code: null, ...extra } });

/** LM Studio, which survives the models it runs. */
export const lmStudioFlavour: OpenAiFlavour = {
  ...llamaCppFlavour,
  ownedBy: 'organization_owner',
  roleContent: '',
  timings: false,
  pingMs: Infinity,
  error: studioError,
  refuse(failure, modelName) {
    switch (failure.kind) {
      case 'rate-limited':
        return rateLimited;
      case 'out-of-memory':
        return studioError(
          500,
          'internal_error',
          `Failed to load model "${modelName}". Error: model loading was stopped due to insufficient system resources`,
        );
      case 'crashed':
        return json(500, { error: 'The model has crashed without additional information. (Exit code: 6)' });
      default:
        return studioError(500, 'internal_error', 'Internal error');
    }
  },
  unknownModel: (name) =>
    studioError(404, 'model_not_found', `Model "${name}" not found`, {
      code: 'model_not_found',
      param: 'model',
    }),
  badRequest: (message) => studioError(400, 'invalid_request', message),
  noVision: (name) => studioError(400, 'invalid_request', `Model ${name} does not support images`),
  fatal: [],
};

const cloudError = (status: number, kind: string, message: string, extra: JsonObject = {}): Refusal =>
  json(status, { error: { message, type: kind, param: null, code: null, ...extra } });

/** OpenAI itself: no memory to run out of, and no process to die. */
export const openAiCloudFlavour: OpenAiFlavour = {
  ...vllmFlavour,
  ownedBy: 'openai',
  roleContent: '',
  doneAfterError: false,
  error: cloudError,
  refuse(failure) {
    switch (failure.kind) {
      case 'rate-limited':
        return rateLimited;
      case 'busy':
        return cloudError(503, 'service_unavailable_error', 'Slow down', { code: 'slow_down' });
      case 'unavailable':
        return cloudError(
          503,
          'service_unavailable_error',
          'Our servers are currently overloaded. Please try again later.',
          { code: 'server_is_overloaded' },
        );
      default:
        return cloudError(
          500,
          'server_error',
          'The server had an error while processing your request. Sorry about that!',
        );
    }
  },
  unknownModel: (name) =>
    cloudError(
      404,
      'invalid_request_error',
      `The model \`${name}\` does not exist or you do not have access to it.`,
      {
        code: 'model_not_found',
      },
    ),
  badRequest: (message) => cloudError(400, 'invalid_request_error', message),
  noVision: () =>
    cloudError(
      400,
      'invalid_request_error',
      'Invalid content type. image_url is only supported by certain models.',
      {
        param: 'messages.[0].content.[0].type',
      },
    ),
  contextExceeded: (promptTokens, contextTokens) =>
    cloudError(
      400,
      'invalid_request_error',
      `This model's maximum context length is ${contextTokens} tokens. However, your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`,
      { param: 'messages', code: 'context_length_exceeded' },
    ),
  fatal: [],
};

/** What the shared part of a host needs of a flavour. */
export const openAiSurface = (flavour: OpenAiFlavour): Surface => ({
  streamType: 'text/event-stream',
  maxBodyBytes: Infinity,
  fatal: new Set(flavour.fatal),
  refuse: flavour.refuse,
  inStream: (failure) => {
    const { body } = flavour.refuse(failure, '');
    return `data: ${body}\n\n${flavour.doneAfterError ? 'data: [DONE]\n\n' : ''}`;
  },
  unknownModel: flavour.unknownModel,
  badBody: (problem) =>
    flavour.badRequest(problem === 'empty' ? 'missing request body' : 'invalid JSON in body'),
});
