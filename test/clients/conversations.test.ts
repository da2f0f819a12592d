/** What agents send in the middle of their work, before every kind of backend: simulated hosts refuse what real ones do. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { SimulatedHostOptions } from '../../src/simulator/simulated-host.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { type Served, served, weather } from './served.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
const url = `data:image/png;base64,${png}`;
const ephemeral = { type: 'ephemeral' };

const claude = (model: string, more: JsonObject = {}): JsonObject => ({
  model,
  max_tokens: 4096,
  system: [{ type: 'text', text: 'You are a coding agent.', cache_control: ephemeral }],
  tools: [
    { name: weather.name, description: 'x', input_schema: weather.parameters, cache_control: ephemeral },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Compare', cache_control: ephemeral }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Two cities.', signature: '' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'toolu_1', name: weather.name, input: { city: 'Paris' } },
        { type: 'tool_use', id: 'toolu_2', name: weather.name, input: { city: 'Rome' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'see' }, image] },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no such city', is_error: true },
        { type: 'text', text: '<system-reminder>Be brief</system-reminder>' },
      ],
    },
  ],
  ...more,
});

const openWebUi = (model: string): JsonObject => ({
  model,
  stream: true,
  stream_options: { include_usage: true },
  temperature: 1.3,
  top_p: 0.9,
  top_k: 40,
  min_p: 0.05,
  seed: 42,
  frequency_penalty: 0.5,
  max_tokens: 512,
  messages: [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url } },
      ],
    },
    { role: 'assistant', content: '' },
    { role: 'user', content: 'Go on' },
    { role: 'user', content: 'Please' },
  ],
});

const codex = (model: string): JsonObject => ({
  model,
  instructions: 'You are a coding agent.',
  stream: true,
  store: false,
  include: ['reasoning.encrypted_content'],
  reasoning: { effort: 'high', summary: 'auto' },
  parallel_tool_calls: true,
  tools: [{ type: 'function', name: weather.name, parameters: weather.parameters, strict: false }],
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Read only.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Compare' }] },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Two.' }], encrypted_content: null },
    { type: 'function_call', name: weather.name, arguments: '{"city":"Paris"}', call_id: 'call_1' },
    { type: 'function_call', name: weather.name, arguments: '{"city":"Rome"}', call_id: 'call_2' },
    {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', image_url: url },
      ],
    },
    { type: 'function_call_output', call_id: 'call_2', output: '{"degrees":24}' },
  ],
});

const googleGenai = (): JsonObject => ({
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  generationConfig: { temperature: 0, topP: 0.95, topK: 20, maxOutputTokens: 2048, stopSequences: ['END'] },
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  tools: [{ functionDeclarations: [{ name: weather.name, parameters: { type: 'OBJECT', properties: {} } }] }],
  contents: [
    { role: 'user', parts: [{ text: 'Compare' }, { inlineData: { mimeType: 'image/png', data: png } }] },
    {
      role: 'model',
      parts: [
        {
          functionCall: { name: weather.name, args: { city: 'Paris' } },
          thoughtSignature: 'skip_thought_signature_validator',
        },
        { functionCall: { name: weather.name, args: { city: 'Rome' } } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: weather.name, response: { output: '11' } } },
        { functionResponse: { name: weather.name, response: { error: 'none' } } },
      ],
    },
  ],
});

/** Models that see and call tools; whoever has none of the catalogue is asked for one by the like of its name. */
const backends: readonly {
  readonly name: string;
  readonly options: SimulatedHostOptions;
  readonly model: string;
}[] = [
  { name: 'Ollama', options: { kind: 'ollama', models: ['mistral-small3.2'] }, model: 'mistral-small3.2' },
  {
    name: 'a Docker Model Runner',
    options: { kind: 'docker-model-runner', models: ['ai/mistral-small3.2'] },
    model: 'ai/mistral-small3.2',
  },
  {
    name: 'LM Studio',
    options: { kind: 'openai-compatible', preset: 'lm-studio', models: ['mistral-small3.2'] },
    model: 'mistral-small3.2',
  },
  { name: 'OpenAI', options: { kind: 'openai', models: ['gpt-4o'] }, model: 'gpt-4o' },
  { name: 'Claude Haiku 4.5', options: { kind: 'anthropic' }, model: 'claude-haiku-4-5-20251001' },
  {
    name: 'Claude Sonnet 5',
    options: { kind: 'anthropic', models: ['claude-sonnet-5=200GiB'] },
    model: 'claude-sonnet-5',
  },
  { name: 'Gemini 2.5', options: { kind: 'gemini' }, model: 'gemini-2.5-flash' },
  { name: 'Gemini 3', options: { kind: 'gemini' }, model: 'gemini-3-pro-preview' },
];

const google = (model: string, action: string): string => `/v1beta/models/${model}:${action}`;

/** Where it is sent, what is sent, and what its end looks like. */
const conversations: readonly (readonly [
  name: string,
  path: (model: string) => string,
  body: (model: string) => JsonObject,
  end: RegExp,
])[] = [
  [
    'Claude Code, with a picture in one of two results,',
    () => '/v1/messages?beta=true',
    (model) => claude(model, { stream: true, thinking: { type: 'enabled', budget_tokens: 2048 } }),
    /"type":"message_stop"/,
  ],
  [
    'Claude Code that wants its tokens counted',
    () => '/v1/messages/count_tokens?beta=true',
    (model) => {
      const { max_tokens: _limit, ...asked } = claude(model);
      return asked;
    },
    /"input_tokens":[1-9]/,
  ],
  ['Open WebUI with every knob turned', () => '/v1/chat/completions', openWebUi, /data: \[DONE\]/],
  [
    'Codex, with a picture in one of two results,',
    () => '/v1/responses',
    codex,
    /event: response\.completed/,
  ],
  [
    'the SDK of Google, with results that only their places tell apart,',
    (model) => google(model, 'streamGenerateContent?alt=sse'),
    googleGenai,
    /"finishReason":"STOP"/,
  ],
];

describe.each(backends)('before $name', ({ options, model }) => {
  let pointsman: Served;
  beforeAll(async () => {
    pointsman = await served(options);
  });
  afterAll(() => pointsman.stop());

  test.each(conversations)('%s is answered', async (_name, path, body, end) => {
    const response = await fetch(`${pointsman.url}${path(model)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body(model)),
    });
    const text = await response.text();
    expect({ status: response.status, text: response.ok ? '' : text }).toEqual({ status: 200, text: '' });
    expect(text).toMatch(end);
  });
});
