import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import type { Inference } from '../../../src/spec/vocabulary.ts';
import { refused } from '../refused.ts';

const user = { role: 'user', content: 'Hi' };
const chat = (more: JsonObject = {}): JsonObject => ({ model: 'm', messages: [user], ...more });
const message = (more: JsonObject): JsonObject => chat({ messages: [user, { role: 'user', ...more }] });
const part = (value: JsonObject | string): JsonObject => message({ content: [value] });
const call = (value: JsonObject): JsonObject =>
  chat({ messages: [{ role: 'assistant', tool_calls: [value] }] });
const f = { type: 'function', function: { name: 'f' } };

describe('the openai-chat peek takes', () => {
  test('the plainest chat, whole by default', () => {
    expect(openaiChat.peek(chat(), 'chat')).toEqual({ model: 'm', stream: false, needs: [] });
  });

  const taken: [string, Inference, JsonObject, JsonObject][] = [
    ['a stream', 'chat', chat({ stream: true, stream_options: { include_usage: true } }), { stream: true }],
    [
      'nulls for all that is absent',
      'chat',
      chat({ stream: null, stop: null, tools: null, max_tokens: null }),
      { stream: false },
    ],
    [
      'an assistant message without content',
      'chat',
      chat({ messages: [user, { role: 'assistant', content: null }] }),
      { needs: [] },
    ],
    ['text parts', 'chat', part({ type: 'text', text: 'Hi' }), { needs: [] }],
    ['an image', 'chat', part({ type: 'image_url', image_url: { url: 'data:,' } }), { needs: ['vision'] }],
    [
      'an image address alone',
      'chat',
      part({ type: 'image_url', image_url: 'data:,' }),
      { needs: ['vision'] },
    ],
    ['audio', 'chat', part({ type: 'input_audio', input_audio: { data: 'AA==' } }), { needs: ['audio'] }],
    ['a part nobody knows', 'chat', part({ type: 'file', file: {} }), { needs: [] }],
    ['tools', 'chat', chat({ tools: [f] }), { needs: ['tools'] }],
    [
      'a reasoning effort, which any model may ignore',
      'chat',
      chat({ reasoning_effort: 'high' }),
      { needs: [] },
    ],
    [
      'a deprecated role',
      'chat',
      chat({
        messages: [
          { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
          { role: 'function', name: 'f', content: '1' },
        ],
      }),
      { needs: [] },
    ],
    [
      'results that name no call, as many as there are calls',
      'chat',
      chat({
        messages: [
          { role: 'assistant', content: null, tool_calls: [f, f] },
          { role: 'tool', content: '1' },
          { role: 'Tool', content: '2', tool_call_id: null },
        ],
      }),
      { needs: [] },
    ],
    ['a custom tool call', 'chat', call({ id: 'c', type: 'custom', custom: { name: 'c' } }), { needs: [] }],
    ['an intent', 'chat', chat({ intent: 'fast' }), { intent: 'fast' }],
    ['fields nobody knows', 'chat', chat({ later: [1], logit_bias: 'x' }), { needs: [] }],
    ['a prompt', 'complete', { model: 'm', prompt: '', logprobs: 2 }, { needs: [] }],
    ['several prompts', 'complete', { model: 'm', prompt: ['a', 'b'] }, { needs: [] }],
    ['a prompt in tokens', 'complete', { model: 'm', prompt: [1, 2] }, { needs: [] }],
    ['a suffix', 'complete', { model: 'm', prompt: 'a', suffix: 'b' }, { needs: ['insert'] }],
    [
      'one text to embed',
      'embed',
      { model: 'm', input: '', encoding_format: 'BASE64' },
      { needs: ['embedding'], stream: false },
    ],
    ['token lists to embed', 'embed', { model: 'm', input: [[1], [2, 3]] }, { needs: ['embedding'] }],
  ];

  test.each(taken)('%s', (_name, operation, body, expected) => {
    expect(openaiChat.peek(body, operation)).toMatchObject(expected);
  });

  test('no request as a wish to load or unload', () => {
    for (const { residency } of [
      openaiChat.peek(chat(), 'chat'),
      openaiChat.peek({ model: 'm', prompt: '' }, 'complete'),
    ]) {
      expect(residency).toBeUndefined();
    }
  });
});

describe('the openai-chat peek refuses', () => {
  const wrong: [string, Inference, JsonObject, string][] = [
    ['no model', 'chat', { messages: [user] }, 'model'],
    ['an empty model', 'chat', chat({ model: '' }), 'model'],
    ['the key of another dialect', 'chat', { name: 'm', messages: [user] }, 'model'],
    ['a model of another type', 'embed', { model: [], input: 'x' }, 'model'],
    ['a null character in the model', 'chat', chat({ model: 'm\u0000' }), 'model'],
    ['stream as a number', 'chat', chat({ stream: 1 }), 'stream'],
    ['no messages', 'chat', { model: 'm' }, 'messages'],
    ['empty messages', 'chat', chat({ messages: [] }), 'messages'],
    ['messages as text', 'chat', chat({ messages: 'Hi' }), 'messages'],
    ['too many messages', 'chat', chat({ messages: Array(2001).fill(user) }), 'messages'],
    ['a message that is null', 'chat', chat({ messages: [null] }), 'messages[0]'],
    ['a role as a number', 'chat', chat({ messages: [{ role: 1 }] }), 'messages[0].role'],
    [
      'a role nobody knows',
      'chat',
      chat({ messages: [{ role: 'king', content: 'Hi' }] }),
      'messages[0].role',
    ],
    ['content as a number', 'chat', message({ content: 7 }), 'messages[1].content'],
    ['content as an object', 'chat', message({ content: { type: 'text' } }), 'messages[1].content'],
    ['a user without content', 'chat', message({}), 'messages[1].content'],
    ['a part as text', 'chat', part('Hi'), 'messages[1].content[0]'],
    ['a part without a type', 'chat', part({ text: 'Hi' }), 'messages[1].content[0].type'],
    ['a text part without text', 'chat', part({ type: 'text' }), 'messages[1].content[0].text'],
    [
      'an image without an address',
      'chat',
      part({ type: 'image_url', image_url: {} }),
      'messages[1].content[0].image_url.url',
    ],
    ['audio without data', 'chat', part({ type: 'input_audio' }), 'messages[1].content[0].input_audio.data'],
    [
      'tool calls as text',
      'chat',
      chat({ messages: [{ role: 'assistant', tool_calls: 'f' }] }),
      'messages[0].tool_calls',
    ],
    ['a tool call as text', 'chat', call('f' as unknown as JsonObject), 'messages[0].tool_calls[0]'],
    ['a tool call without a name', 'chat', call({ function: {} }), 'messages[0].tool_calls[0].function.name'],
    [
      'tool arguments as an object',
      'chat',
      call({ function: { name: 'f', arguments: {} } }),
      'messages[0].tool_calls[0].function.arguments',
    ],
    [
      'one result more than there are calls',
      'chat',
      chat({
        messages: [
          { role: 'assistant', tool_calls: [f] },
          { role: 'tool', content: '1' },
          { role: 'tool', content: '2' },
        ],
      }),
      'messages[2].tool_call_id',
    ],
    ['tools as an object', 'chat', chat({ tools: {} }), 'tools'],
    ['too many tools', 'chat', chat({ tools: Array(513).fill(f) }), 'tools'],
    ['a temperature as text', 'chat', chat({ temperature: 'hot' }), 'temperature'],
    ['max_tokens as text', 'chat', chat({ max_tokens: '5' }), 'max_tokens'],
    ['stop as a number', 'chat', chat({ stop: 1 }), 'stop'],
    ['a stop that is no string', 'chat', chat({ stop: [1] }), 'stop'],
    ['stream_options as true', 'chat', chat({ stream_options: true }), 'stream_options'],
    ['response_format as text', 'chat', chat({ response_format: 'json' }), 'response_format'],
    ['a response_format without a type', 'chat', chat({ response_format: {} }), 'response_format.type'],
    ['logprobs of completions in a chat', 'chat', chat({ logprobs: 5 }), 'logprobs'],
    [
      'logprobs of chats in a completion',
      'complete',
      { model: 'm', prompt: 'x', logprobs: true },
      'logprobs',
    ],
    ['no prompt', 'complete', { model: 'm' }, 'prompt'],
    ['a prompt as an object', 'complete', { model: 'm', prompt: {} }, 'prompt'],
    ['a prompt of mixed types', 'complete', { model: 'm', prompt: ['a', 1] }, 'prompt'],
    ['a suffix as a number', 'complete', { model: 'm', prompt: 'x', suffix: 1 }, 'suffix'],
    ['nothing to embed', 'embed', { model: 'm' }, 'input'],
    ['an empty list to embed', 'embed', { model: 'm', input: [] }, 'input'],
    ['objects to embed', 'embed', { model: 'm', input: [{}] }, 'input'],
    [
      'an encoding nobody knows',
      'embed',
      { model: 'm', input: 'x', encoding_format: 'hex' },
      'encoding_format',
    ],
    ['dimensions as text', 'embed', { model: 'm', input: 'x', dimensions: '8' }, 'dimensions'],
  ];

  test.each(wrong)('%s', (_name, operation, body, param) => {
    const refusal = refused(() => openaiChat.peek(body, operation));
    expect(refusal).toMatchObject({ code: 'invalid_request', param });
    expect(refusal?.message).toContain(param.split(/[.[]/)[0] ?? '');
  });
});
