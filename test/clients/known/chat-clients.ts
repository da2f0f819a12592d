/** Clients of Ollama's API and of OpenAI's chat. */

import { ends, errand, functions, type Step } from './step.ts';

export const openWebUi = (model: string): readonly Step[] => {
  const headers = {
    authorization: 'Bearer ',
    'x-openwebui-user-name': 'A%20User',
    'x-openwebui-user-id': '1',
    'x-openwebui-user-email': 'user@localhost',
    'x-openwebui-user-role': 'user',
    'x-openwebui-chat-id': 'chat-1',
  };
  const messages = [{ role: 'user', content: 'Hello' }];
  return [
    { method: 'GET', path: '/api/version', headers, holds: ['"version"'] },
    { method: 'GET', path: '/api/tags', headers, holds: ['"models"', model] },
    { method: 'GET', path: '/api/ps', headers, holds: ['"models"'] },
    { method: 'POST', path: '/api/show', headers, body: { model }, holds: ['"details"'] },
    {
      method: 'POST',
      path: '/api/chat',
      headers,
      body: { model, messages, options: {}, stream: true, metadata: { chat_id: 'chat-1' } },
      holds: [ends.ollama],
    },
    { method: 'GET', path: '/v1/models', headers, holds: ['"object":"list"'] },
    {
      method: 'POST',
      path: '/v1/chat/completions',
      headers,
      body: { model, messages, stream: true, stream_options: { include_usage: true } },
      holds: [ends.chat, '"usage"'],
    },
    {
      method: 'POST',
      path: '/v1/chat/completions',
      headers,
      body: { model, messages, stream: false, max_completion_tokens: 1000 },
      holds: ['"finish_reason"'],
    },
  ];
};

/** APIs without raw prompts say so. */
export const continueDev = (model: string, kind: string): readonly Step[] => [
  { method: 'POST', path: '/api/show', body: { name: model }, holds: ['"details"'] },
  { method: 'GET', path: '/api/tags', holds: [model] },
  {
    method: 'POST',
    path: '/api/chat',
    body: {
      model,
      messages: [{ role: 'user', content: 'Hello' }],
      options: { num_predict: 4096, num_ctx: 8192, stop: ['<|im_end|>'], temperature: 0 },
      stream: true,
      keep_alive: 1800,
    },
    holds: [ends.ollama],
  },
  {
    method: 'POST',
    path: '/api/generate',
    body: {
      model,
      prompt: 'let a =',
      raw: true,
      stream: true,
      keep_alive: 1800,
      options: { num_predict: 20 },
    },
    ...(kind === 'anthropic' || kind === 'gemini' ? { status: 422 } : { holds: [ends.ollama] }),
  },
];

export const cline = (model: string): readonly Step[] => [
  { method: 'GET', path: '/api/tags', holds: [model] },
  {
    method: 'POST',
    path: '/api/chat',
    body: {
      model,
      messages: [
        { role: 'system', content: 'You are a coding agent.' },
        { role: 'user', content: errand },
      ],
      stream: true,
      options: { num_ctx: 32_768 },
      tools: functions,
    },
    holds: [ends.ollama, '"tool_calls"'],
  },
];

export const zed = (model: string): readonly Step[] => [
  { method: 'GET', path: '/api/tags', holds: [model] },
  { method: 'POST', path: '/api/show', body: { model }, holds: ['"capabilities"', '"model_info"'] },
  {
    method: 'POST',
    path: '/api/chat',
    body: {
      model,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: errand, images: null },
      ],
      stream: true,
      keep_alive: -1,
      options: { num_ctx: 16_384, stop: [], temperature: 1 },
      think: false,
      tools: functions,
    },
    holds: [ends.ollama, '"tool_calls"'],
  },
];

export const langChain = (model: string): readonly Step[] => [
  {
    method: 'POST',
    path: '/api/chat',
    body: {
      model,
      messages: [{ role: 'user', content: 'Hello', images: [], tool_calls: [] }],
      stream: true,
      options: { temperature: 0.8, stop: null, num_ctx: null },
      format: '',
      keep_alive: null,
      tools: [],
    },
    holds: [ends.ollama],
  },
  {
    method: 'POST',
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
      tools: functions,
    },
    holds: [ends.chat],
  },
];

/** Its marshaller writes what is unset, too. */
export const ollamaCommand = (model: string): readonly Step[] => {
  const headers = { accept: 'application/x-ndjson', 'user-agent': 'ollama/0.33.0 (amd64 linux) Go/go1.24' };
  const generate = { model, prompt: '', suffix: '', system: '', template: '', options: null };
  return [
    { method: 'HEAD', path: '/', headers },
    { method: 'GET', path: '/api/tags', headers, holds: [model] },
    { method: 'GET', path: '/api/ps', headers, holds: ['"models"'] },
    {
      method: 'POST',
      path: '/api/show',
      headers,
      body: { model: '', system: '', template: '', verbose: false, options: null, name: model },
      holds: ['"details"'],
    },
    { method: 'POST', path: '/api/generate', headers, body: generate, holds: ['"done":true'] },
    {
      method: 'POST',
      path: '/api/chat',
      headers,
      body: { model, messages: [{ role: 'user', content: 'Hello' }], format: '', options: {}, think: null },
      holds: [ends.ollama],
    },
    { method: 'POST', path: '/api/pull', headers, body: { model: '', name: model }, status: 501 },
  ];
};
