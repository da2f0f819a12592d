import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const fromChat = (body: JsonObject) =>
  openaiChat.render(ollama.parse({ model: 'm', stream: false, ...body }, 'chat'));
const fromGenerate = (body: JsonObject) =>
  openaiChat.render(ollama.parse({ model: 'm', stream: false, ...body }, 'complete'));
const user = { role: 'user', content: 'Hi' };
const plain = { messages: [user] };
const png = 'iVBORw0KGgo=';

describe('a chat of Ollama for OpenAI', () => {
  test('is a chat that streams and reports usage unless told otherwise', () => {
    expect(openaiChat.render(ollama.parse({ model: 'm', ...plain }, 'chat'))).toEqual({
      path: '/v1/chat/completions',
      operation: 'chat',
      body: { model: 'm', messages: [user], stream: true, stream_options: { include_usage: true } },
      dropped: [],
    });
    expect(fromChat(plain).body).toEqual({ model: 'm', messages: [user], stream: false });
  });

  const fields: [string, JsonObject, JsonObject][] = [
    ['num_predict', { options: { num_predict: 5 } }, { max_tokens: 5 }],
    ['no limit', { options: { num_predict: -1 } }, {}],
    [
      'sampling options',
      {
        options: {
          temperature: 0.2,
          top_p: 0.5,
          top_k: 40,
          min_p: 0.1,
          seed: 7,
          repeat_penalty: 1.1,
          frequency_penalty: 0.1,
          presence_penalty: 0.2,
        },
      },
      {
        temperature: 0.2,
        top_p: 0.5,
        top_k: 40,
        min_p: 0.1,
        seed: 7,
        repeat_penalty: 1.1,
        frequency_penalty: 0.1,
        presence_penalty: 0.2,
      },
    ],
    ['stop strings', { options: { stop: ['A', 'B'] } }, { stop: ['A', 'B'] }],
    ['any JSON', { format: 'json' }, { response_format: { type: 'json_object' } }],
    [
      'a schema',
      { format: { type: 'object' } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'response', schema: { type: 'object' } },
        },
      },
    ],
    ['thinking turned off', { think: false }, { reasoning_effort: 'none' }],
    ['thinking turned on', { think: true }, { reasoning_effort: 'medium' }],
    ['low thinking', { think: 'low' }, { reasoning_effort: 'low' }],
    ['the most thinking', { think: 'max' }, { reasoning_effort: 'xhigh' }],
    ['logprobs', { logprobs: true, top_logprobs: 3 }, { logprobs: true, top_logprobs: 3 }],
    [
      'tools',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      { tools: [{ type: 'function', function: { name: 'f' } }] },
    ],
    ['nulls and empty values', { options: null, format: '', keep_alive: null, think: null, tools: null }, {}],
  ];

  test.each(fields)('takes %s', (_name, sent, rendered) => {
    const { body, dropped } = fromChat({ ...plain, ...sent });
    expect(body).toEqual({ model: 'm', messages: [user], stream: false, ...rendered });
    expect(dropped).toEqual([]);
  });

  const losses: [string, JsonObject, readonly string[]][] = [
    [
      'residency and context',
      { keep_alive: '5m', options: { num_ctx: 8192 } },
      ['keep_alive', 'options.num_ctx'],
    ],
    [
      'options of one engine',
      { options: { mirostat: 2, num_gpu: 99, use_mmap: null } },
      ['options.mirostat', 'options.num_gpu'],
    ],
    ['truncation', { truncate: false, shift: false, later: '' }, ['truncate', 'shift']],
  ];

  test.each(losses)('names the loss of %s', (_name, sent, dropped) => {
    expect([...fromChat({ ...plain, ...sent }).dropped]).toEqual([...dropped]);
  });

  test('turns a tool conversation into JSON text and ids that never change', () => {
    const sent = {
      messages: [
        {
          role: 'assistant',
          content: '',
          thinking: 'Hm.',
          tool_calls: [
            { function: { name: 'f', arguments: { a: 1 } } },
            { function: { name: 'g', arguments: {} } },
          ],
        },
        { role: 'tool', content: 'two', tool_name: 'g' },
        { role: 'tool', content: 'one' },
        {
          role: 'assistant',
          content: 'So',
          tool_calls: [{ id: 'own', function: { name: 'f', arguments: {} } }],
        },
        { role: 'tool', content: 'three', tool_call_id: 'own' },
        { role: 'tool', content: 'of nobody' },
      ],
    };
    const call = (id: string, name: string, text: string) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    });
    expect(fromChat(sent).body.messages).toEqual([
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Hm.',
        tool_calls: [call('call_0', 'f', '{"a":1}'), call('call_1', 'g', '{}')],
      },
      { role: 'tool', content: 'two', tool_call_id: 'call_1' },
      { role: 'tool', content: 'one', tool_call_id: 'call_0' },
      { role: 'assistant', content: 'So', tool_calls: [call('own', 'f', '{}')] },
      { role: 'tool', content: 'three', tool_call_id: 'own' },
      { role: 'tool', content: 'of nobody', tool_call_id: 'call_3' },
    ]);
    expect(fromChat(sent)).toEqual(fromChat(sent));
  });

  test.each([
    ['/9j/4AAQ', 'image/jpeg'],
    [png, 'image/png'],
    ['R0lGODlh', 'image/gif'],
    ['UklGRiQA', 'image/webp'],
    ['AAAA', 'image/png'],
  ])('tells what the image %s is', (data, mediaType) => {
    expect(
      fromChat({ messages: [{ role: 'user', content: 'What is this?', images: [data] }] }).body.messages,
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } },
          { type: 'text', text: 'What is this?' },
        ],
      },
    ]);
  });

  test('leaves the tail of an image alone', () => {
    const data = `/9j/${'A'.repeat(120)}\ue0000\ue000`;
    const { messages } = fromChat({ messages: [{ role: 'user', content: '', images: [data] }] }).body;
    expect(messages).toEqual([
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}` } }],
      },
    ]);
  });
});

describe('a generate of Ollama for OpenAI', () => {
  test('is a chat, because only chats get a template', () => {
    expect(
      fromGenerate({
        prompt: 'Hi',
        system: 'Be brief.',
        template: '{{ .Prompt }}',
        context: [1, 2],
        options: { seed: 1 },
      }),
    ).toEqual({
      path: '/v1/chat/completions',
      operation: 'chat',
      body: {
        model: 'm',
        messages: [{ role: 'system', content: 'Be brief.' }, user],
        stream: false,
        seed: 1,
      },
      dropped: ['template', 'context'],
    });
  });

  test('takes its images into the chat', () => {
    expect(fromGenerate({ prompt: 'Hi', images: [png] }).body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          { type: 'text', text: 'Hi' },
        ],
      },
    ]);
  });

  test('is a completion where it is raw', () => {
    expect(
      fromGenerate({
        prompt: '[INST] Hi',
        raw: true,
        think: true,
        format: 'json',
        logprobs: true,
        keep_alive: 5,
      }),
    ).toEqual({
      path: '/v1/completions',
      operation: 'complete',
      body: { model: 'm', prompt: '[INST] Hi', stream: false, logprobs: 0 },
      dropped: ['format', 'think', 'keep_alive'],
    });
  });

  test('is a completion where it has a suffix', () => {
    expect(fromGenerate({ prompt: 'def', suffix: 'end', system: 'x', stream: true })).toEqual({
      path: '/v1/completions',
      operation: 'complete',
      body: {
        model: 'm',
        prompt: 'def',
        suffix: 'end',
        stream: true,
        stream_options: { include_usage: true },
      },
      dropped: ['system'],
    });
  });

  test('cannot be raw with images', () => {
    expect(refused(() => fromGenerate({ prompt: 'x', raw: true, images: [png] }))).toMatchObject({
      code: 'unprocessable',
      param: 'images',
    });
  });
});
