import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import type { Inference } from '../../../src/spec/vocabulary.ts';
import { refused } from '../refused.ts';

const user = { role: 'user', content: 'Hi' };
const chat = (more: JsonObject = {}): JsonObject => ({ model: 'm', messages: [user], ...more });
const message = (more: JsonObject): JsonObject => chat({ messages: [user, { role: 'user', ...more }] });
const f = { type: 'function', function: { name: 'f' } };

describe('the ollama peek takes', () => {
  test('the plainest chat, streamed by default', () => {
    expect(ollama.peek(chat(), 'chat')).toEqual({ model: 'm', stream: true, needs: [] });
  });

  const taken: [string, Inference, JsonObject, JsonObject][] = [
    ['stream false', 'chat', chat({ stream: false }), { stream: false }],
    [
      'nulls for all that is absent',
      'chat',
      chat({ stream: null, options: null, tools: null, think: null }),
      { stream: true, needs: [] },
    ],
    ['the older key where the model is empty', 'chat', { ...chat(), model: '', name: 'n' }, { model: 'n' }],
    ['the model where both keys are there', 'chat', chat({ name: 'n' }), { model: 'm' }],
    [
      'messages of the command line client',
      'chat',
      { model: 'm', messages: null, options: null },
      { residency: 'load' },
    ],
    ['no messages', 'chat', { model: 'm' }, { residency: 'load' }],
    [
      'an empty prompt',
      'complete',
      { model: 'm', prompt: '', suffix: '', system: '' },
      { residency: 'load', needs: [] },
    ],
    ['a prompt', 'complete', { model: 'm', prompt: 'x', keep_alive: 0 }, { residency: undefined }],
    [
      'empty embedding input',
      'embed',
      { model: 'm', input: [], keep_alive: 0 },
      { residency: 'unload', needs: ['embedding'] },
    ],
    [
      'the older embedding prompt',
      'embed',
      { model: 'm', prompt: 'x' },
      { residency: undefined, stream: false },
    ],
    [
      'content that is null',
      'chat',
      message({ content: null, images: null, tool_calls: null }),
      { needs: [] },
    ],
    ['a role in capitals', 'chat', chat({ messages: [{ role: 'User', content: '' }] }), { needs: [] }],
    ['tools', 'chat', chat({ tools: [f] }), { needs: ['tools'] }],
    ['no tools', 'chat', chat({ tools: [] }), { needs: [] }],
    ['images', 'chat', message({ images: ['iVBORw0KGgo='] }), { needs: ['vision'] }],
    [
      'images beside a prompt',
      'complete',
      { model: 'm', prompt: 'x', images: ['iVBORw0KGgo='] },
      { needs: ['vision'] },
    ],
    ['thinking', 'chat', chat({ think: true }), { needs: ['thinking'] }],
    ['a thinking level', 'chat', chat({ think: 'max' }), { needs: ['thinking'] }],
    ['thinking turned off', 'chat', chat({ think: false }), { needs: [] }],
    ['a suffix', 'complete', { model: 'm', prompt: 'x', suffix: 'y' }, { needs: ['insert'] }],
    ['an intent', 'chat', chat({ intent: 'heavy' }), { intent: 'heavy' }],
    ['an intent of another type', 'chat', chat({ intent: 7 }), { intent: 7 }],
    [
      'fields nobody knows',
      'chat',
      chat({ later: { a: 1 }, options: { later: 'x', mirostat: true } }),
      { needs: [] },
    ],
    ['every option as null', 'chat', chat({ options: { temperature: null, stop: null } }), { needs: [] }],
    ['a schema for a format', 'chat', chat({ format: { type: 'object' } }), { needs: [] }],
    ['an empty format', 'chat', chat({ format: '' }), { needs: [] }],
  ];

  test.each(taken)('%s', (_name, operation, body, expected) => {
    expect(ollama.peek(body, operation)).toMatchObject(expected);
  });

  test.each([0, '0', '0s', '0m', '-0', '0h0m0.0s'])('keep_alive %p as the wish to unload', (keepAlive) => {
    expect(ollama.peek({ model: 'm', keep_alive: keepAlive }, 'complete').residency).toBe('unload');
  });

  test.each([null, '', -1, 300, 0.5, '5m', '5m0s', '1h30m', '-1m', '1.5h', '.5s', '100ms', '1us'])(
    'keep_alive %p',
    (keepAlive) => {
      expect(ollama.peek({ model: 'm', keep_alive: keepAlive }, 'complete').residency).toBe('load');
    },
  );
});

describe('the ollama peek refuses', () => {
  const wrong: [string, Inference, JsonObject, string][] = [
    ['no model', 'chat', { messages: [user] }, 'model'],
    ['an empty model', 'chat', chat({ model: '', name: '' }), 'model'],
    ['a model of another type', 'chat', chat({ model: 7 }), 'model'],
    ['a model name as long as a book', 'chat', chat({ model: 'm'.repeat(257) }), 'model'],
    ['a line break in the model', 'chat', chat({ model: 'm\nm' }), 'model'],
    ['a delete character in the model', 'chat', chat({ model: 'm\u007f' }), 'model'],
    ['stream as text', 'chat', chat({ stream: 'yes' }), 'stream'],
    ['messages as an object', 'chat', chat({ messages: {} }), 'messages'],
    ['too many messages', 'chat', chat({ messages: Array(2001).fill(user) }), 'messages'],
    ['a message as text', 'chat', chat({ messages: ['Hi'] }), 'messages[0]'],
    ['a message without a role', 'chat', chat({ messages: [{ content: 'Hi' }] }), 'messages[0].role'],
    [
      'a role nobody knows',
      'chat',
      chat({ messages: [user, { role: 'king', content: 'Hi' }] }),
      'messages[1].role',
    ],
    ['content in parts', 'chat', message({ content: [{ type: 'text', text: 'Hi' }] }), 'messages[1].content'],
    ['images as text', 'chat', message({ images: 'AA==' }), 'messages[1].images'],
    ['an image as a number', 'chat', message({ images: [7] }), 'messages[1].images'],
    ['tool calls as an object', 'chat', message({ tool_calls: {} }), 'messages[1].tool_calls'],
    [
      'a tool call without a name',
      'chat',
      message({ tool_calls: [{}] }),
      'messages[1].tool_calls[0].function.name',
    ],
    [
      'tool arguments as text',
      'chat',
      message({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }),
      'messages[1].tool_calls[0].function.arguments',
    ],
    ['tools as an object', 'chat', chat({ tools: {} }), 'tools'],
    ['a tool as text', 'chat', chat({ tools: ['f'] }), 'tools[0]'],
    ['too many tools', 'chat', chat({ tools: Array(513).fill(f) }), 'tools'],
    ['options as an array', 'chat', chat({ options: [] }), 'options'],
    ['a temperature as text', 'chat', chat({ options: { temperature: '1' } }), 'options.temperature'],
    ['a context size as a boolean', 'chat', chat({ options: { num_ctx: true } }), 'options.num_ctx'],
    ['a stop string alone', 'chat', chat({ options: { stop: 'END' } }), 'options.stop'],
    ['a format nobody knows', 'chat', chat({ format: 'yaml' }), 'format'],
    ['a thinking level nobody knows', 'chat', chat({ think: 'much' }), 'think'],
    ['logprobs as a number', 'chat', chat({ logprobs: 3 }), 'logprobs'],
    ['more than 20 top logprobs', 'chat', chat({ top_logprobs: 21 }), 'top_logprobs'],
    ['a prompt as an array', 'complete', { model: 'm', prompt: ['x'] }, 'prompt'],
    ['raw as text', 'complete', { model: 'm', prompt: 'x', raw: 'yes' }, 'raw'],
    ['embedding input as a number', 'embed', { model: 'm', input: 7 }, 'input'],
    ['embedding input as tokens', 'embed', { model: 'm', input: [1, 2] }, 'input'],
    ['an embedding prompt as an array', 'embed', { model: 'm', prompt: ['x'] }, 'prompt'],
  ];

  test.each(wrong)('%s', (_name, operation, body, param) => {
    const refusal = refused(() => ollama.peek(body, operation));
    expect(refusal).toMatchObject({ code: 'invalid_request', param });
    expect(refusal?.message).toContain(param.split(/[.[]/)[0] ?? '');
  });

  const durations: [JsonObject['keep_alive'], string][] = [
    ['300', 'time: missing unit in duration "300"'],
    ['-1', 'time: missing unit in duration "-1"'],
    ['1.5', 'time: missing unit in duration "1.5"'],
    ['soon', 'time: invalid duration "soon"'],
    ['5 m', 'time: invalid duration "5 m"'],
    ['5m3', 'time: invalid duration "5m3"'],
    [true, "Unsupported type: 'bool'"],
    [{}, "Unsupported type: 'map[string]interface {}'"],
    [[], "Unsupported type: '[]interface {}'"],
  ];

  test.each(durations)('keep_alive %p in the words of Ollama', (keepAlive, message) => {
    expect(refused(() => ollama.peek(chat({ keep_alive: keepAlive }), 'chat'))).toEqual({
      code: 'invalid_request',
      param: 'keep_alive',
      message,
    });
  });
});
