import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { asJson } from '../codec.ts';
import { refused } from '../refused.ts';

const user = { role: 'user', content: 'Hi' } as const;
const ask = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'claude-haiku-4-5',
  stream: false,
  messages: [user],
  sampling: {},
  includeUsage: false,
  ...more,
});

const written = (
  request: ChatRequest,
): { readonly body: JsonObject; readonly dropped: readonly string[] } => {
  const { body, dropped } = anthropic.render(request);
  return { body: asJson(body) as JsonObject, dropped };
};

const fromOpenAi = (body: JsonObject): ReturnType<typeof written> =>
  written(openaiChat.parse({ model: 'claude-haiku-4-5', messages: [user], ...body }, 'chat'));

const call = (id: string, name = 'f') => ({
  id,
  type: 'function',
  function: { name, arguments: '{"a":1}' },
});

describe('a request of another dialect, asked of Anthropic', () => {
  test('gets the limit that this dialect demands', () => {
    expect(written(ask())).toEqual({
      body: { model: 'claude-haiku-4-5', max_tokens: 8192, messages: [user], stream: false },
      dropped: [],
    });
  });

  test('has its system texts beside the conversation, and neighbours of one role in one message', () => {
    const { body } = fromOpenAi({
      messages: [
        { role: 'system', content: 'Be brief.' },
        user,
        { role: 'user', content: 'there' },
        { role: 'developer', content: 'Be kind.' },
        { role: 'assistant', content: 'I' },
      ],
    });
    expect(body.system).toBe('Be brief.\n\nBe kind.');
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'there' },
        ],
      },
      { role: 'assistant', content: 'I' },
    ]);
  });

  test('has parallel calls in one message and their results in the next, before what the user says', () => {
    const { body, dropped } = fromOpenAi({
      messages: [
        user,
        { role: 'assistant', content: null, tool_calls: [call('call.1'), call('call.2', 'g')] },
        { role: 'tool', tool_call_id: 'call.1', content: 'one' },
        { role: 'tool', tool_call_id: 'call.2', content: '' },
        { role: 'user', content: 'Go on' },
      ],
    });
    expect(body.messages).toEqual([
      user,
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'call_2', name: 'g', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'one' },
          { type: 'tool_result', tool_use_id: 'call_2' },
          { type: 'text', text: 'Go on' },
        ],
      },
    ]);
    expect(dropped).toEqual([]);
  });

  test('gets ids for calls that have none', () => {
    const request = ollama.parse(
      {
        model: 'm',
        messages: [
          user,
          { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
          { role: 'tool', tool_name: 'f', content: 'x' },
        ],
      },
      'chat',
    );
    const text = JSON.stringify(anthropic.render(request).body);
    expect(text).toContain('"id":"call_0"');
    expect(text).toContain('"tool_use_id":"call_0"');
  });

  test('is refused where a result answers no call', () => {
    const stray = { role: 'tool', tool_call_id: 'x', content: '' };
    expect(refused(() => fromOpenAi({ messages: [user, stray] }))).toMatchObject({
      code: 'invalid_request',
      param: 'messages[1].tool_call_id',
    });
  });

  test('shows images by the type their bytes have, and those on the web by their address', () => {
    const url = (value: string) => ({ type: 'image_url', image_url: { url: value } });
    const { body } = fromOpenAi({
      messages: [
        {
          role: 'user',
          content: [url('data:image/jpeg;base64,iVBORw0KGgo='), url('https://images.example/a.png')],
        },
      ],
    });
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
          },
          { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' } },
        ],
      },
    ]);
  });

  test('is refused by the part that cannot be said', () => {
    const parts = [
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
      { type: 'image_url', image_url: { url: 'data:,x' } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', file: { filename: 'a.docx', file_data: 'data:application/msword;base64,AA==' } },
    ];
    for (const part of parts) {
      expect(refused(() => fromOpenAi({ messages: [{ role: 'user', content: [part] }] }))).toMatchObject({
        code: 'invalid_request',
        param: 'messages[0].content[0]',
      });
    }
  });

  test('hands over a file as a document', () => {
    const file = { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' };
    const { body } = fromOpenAi({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] });
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
            title: 'a.pdf',
          },
        ],
      },
    ]);
  });

  test('offers its tools, each with a schema, and forces what it forces', () => {
    const tools = [{ type: 'function', function: { name: 'f', description: 'Does' } }];
    const choice = (more: JsonObject) => fromOpenAi({ tools, ...more }).body.tool_choice;
    expect(fromOpenAi({ tools }).body.tools).toEqual([
      { name: 'f', description: 'Does', input_schema: { type: 'object', properties: {} } },
    ]);
    expect(choice({ tool_choice: 'required' })).toEqual({ type: 'any' });
    expect(choice({ tool_choice: 'none' })).toEqual({ type: 'none' });
    expect(choice({ tool_choice: { type: 'function', function: { name: 'f' } } })).toEqual({
      type: 'tool',
      name: 'f',
    });
    expect(choice({ parallel_tool_calls: false })).toEqual({ type: 'auto', disable_parallel_tool_use: true });
    expect(choice({})).toBeUndefined();
    expect(fromOpenAi({ tool_choice: 'auto' }).body.tool_choice).toBeUndefined();
  });

  test('keeps a schema for its answer, and names the wish for any JSON as lost', () => {
    const schema = { type: 'object' };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    expect(fromOpenAi({ response_format: format })).toMatchObject({
      body: { output_config: { format: { type: 'json_schema', schema } } },
      dropped: [],
    });
    expect(fromOpenAi({ response_format: { type: 'json_object' } }).dropped).toEqual(['response_format']);
  });

  test('stays within what the provider takes, and names what that costs', () => {
    const { body, dropped } = fromOpenAi({
      temperature: 1.7,
      top_p: 0.5,
      top_k: 4,
      stop: ['END', '\n'],
      seed: 1,
      min_p: 0.1,
      frequency_penalty: 1,
      presence_penalty: 1,
      repeat_penalty: 1,
      logprobs: true,
      n: 2,
    });
    expect(body).toMatchObject({ temperature: 1, top_k: 4, stop_sequences: ['END'] });
    expect(body.top_p).toBeUndefined();
    expect([...dropped].sort()).toEqual(
      [
        ...['frequency_penalty', 'logprobs', 'min_p', 'n', 'presence_penalty', 'repeat_penalty', 'seed'],
        ...['stop', 'temperature', 'top_p'],
      ].sort(),
    );
  });

  test('says nothing of how to choose words to models that are not told, and names what that costs', () => {
    const wishes = { temperature: 0.3, top_p: 0.5, top_k: 4 };
    for (const model of [
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-sonnet-5',
      'claude-fable-5-20260701',
    ]) {
      const { body, dropped } = fromOpenAi({ model, ...wishes, stop: ['END'] });
      expect({ model, ...body }).not.toContainAnyKeys(['temperature', 'top_p', 'top_k']);
      expect(body).toMatchObject({ stop_sequences: ['END'] });
      expect(dropped).toEqual(['temperature', 'top_p', 'top_k']);
    }
    for (const model of ['claude-sonnet-4-6', 'claude-opus-4-20250514', 'claude-3-7-sonnet-20250219']) {
      expect(fromOpenAi({ model, temperature: 0.3 }).body).toMatchObject({ temperature: 0.3 });
    }
  });

  test('has its prompt as a message, unless it wants no template', () => {
    const prompt = { text: 'Once', system: 'Tell.', images: ['iVBORw0K'] };
    expect(written(ask({ messages: [], prompt })).body).toMatchObject({
      system: 'Tell.',
      messages: [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'Once' }] }],
    });
    for (const wish of [{ raw: true }, { suffix: 'end' }]) {
      expect(refused(() => written(ask({ messages: [], prompt: { text: 'x', ...wish } })))?.code).toBe(
        'unprocessable',
      );
    }
  });

  test('does not end a prefilled answer in white space', () => {
    const prefilled = (content: string) =>
      written(ask({ messages: [user, { role: 'assistant', content }] })).body.messages;
    expect(prefilled('{ \n')).toEqual([user, { role: 'assistant', content: '{' }]);
    expect(prefilled(' ')).toEqual([user]);
  });
});

describe('a wish to think, asked of Anthropic', () => {
  const thinking = (more: Partial<ChatRequest>): ReturnType<typeof written> => written(ask(more));

  test.each([
    ['low', 1024, 9216],
    ['medium', 4096, 12_288],
    ['high', 16_384, 24_576],
    ['max', 32_768, 40_960],
  ] as const)('%s is a budget of %d tokens beside the answer', (level, budget, limit) => {
    expect(thinking({ thinking: level }).body).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: budget },
      max_tokens: limit,
    });
  });

  test('is an effort for the newer models', () => {
    for (const model of [
      'claude-opus-4-6',
      'claude-sonnet-4-7-20260301',
      'claude-sonnet-5',
      'claude-opus-5-1',
    ]) {
      expect(thinking({ model, thinking: 'high' }).body).toMatchObject({
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
      });
    }
    for (const model of ['claude-opus-4-20250514', 'claude-3-7-sonnet-20250219', 'claude-sonnet-4-5']) {
      expect(thinking({ model, thinking: 'high' }).body.thinking).toMatchObject({ type: 'enabled' });
    }
  });

  test('fits into the limit that was set, or is named as lost', () => {
    expect(thinking({ thinking: 'high', sampling: { maxTokens: 2000 } }).body).toMatchObject({
      thinking: { budget_tokens: 1999 },
      max_tokens: 2000,
    });
    const short = thinking({ thinking: 'high', sampling: { maxTokens: 1000 } });
    expect(short.body.thinking).toBeUndefined();
    expect(short.dropped).toEqual(['thinking']);
  });

  test('takes the number of tokens that was named, and no temperature', () => {
    const { body, dropped } = thinking({
      thinking: true,
      thinkingTokens: 5000,
      sampling: { temperature: 0.2, topP: 0.9, topK: 3 },
    });
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 5000 });
    expect(body.temperature).toBeUndefined();
    expect(dropped).toEqual(['temperature', 'top_p', 'top_k']);
  });

  test('gives way to a forced call, and to a turn that began without it', () => {
    const tools = [{ name: 'f' }];
    expect(thinking({ thinking: true, tools, toolChoice: 'required' }).dropped).toEqual(['thinking']);
    const messages = (signature: boolean): ChatRequest['messages'] => [
      user,
      {
        role: 'assistant',
        content: null,
        toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }],
        ...(signature
          ? { reasoningBlocks: [{ text: 'Hm', signature: { protocol: 'anthropic', value: 's' } }] }
          : {}),
      },
      { role: 'tool', toolCallId: 'a', content: 'x' },
    ];
    expect(thinking({ thinking: true, messages: messages(false) }).dropped).toEqual(['thinking']);
    expect(thinking({ thinking: true, messages: messages(true) }).dropped).toEqual([]);
  });

  test('that is none is not mentioned', () => {
    expect(thinking({ thinking: false })).toMatchObject({ dropped: [] });
    expect(thinking({ thinking: false }).body.thinking).toBeUndefined();
  });

  test('takes back the reasoning that the provider signed, and no other', () => {
    const { body, dropped } = written(
      ask({
        messages: [
          user,
          {
            role: 'assistant',
            content: 'Yes',
            reasoning: 'Hm',
            reasoningBlocks: [
              { text: 'Hm', signature: { protocol: 'anthropic', value: 's' } },
              { signature: { protocol: 'anthropic', value: 'r' } },
              { text: 'No', signature: { protocol: 'gemini', value: 'g' } },
              { text: 'Nor' },
            ],
          },
          { role: 'assistant', content: 'So', reasoning: 'unsigned' },
        ],
      }),
    );
    expect(body.messages).toEqual([
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 's' },
          { type: 'redacted_thinking', data: 'r' },
          { type: 'text', text: 'Yes' },
          { type: 'text', text: 'So' },
        ],
      },
    ]);
    expect(dropped).toEqual([
      'messages[1].reasoning[2]',
      'messages[1].reasoning[3]',
      'messages[2].reasoning',
    ]);
  });
});

describe('a conversation in this dialect that was changed since it was read', () => {
  test('is written as it is now, with the other fields as they were sent', () => {
    const request = anthropic.parse(
      {
        model: 'm',
        max_tokens: 5,
        top_k: 3,
        metadata: { user_id: 'u' },
        system: 'Be brief.',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      },
      'chat',
    );
    expect(written(request).body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
    const [, user] = request.messages;
    expect(written({ ...request, messages: user === undefined ? [] : [user] }).body).toEqual({
      model: 'm',
      max_tokens: 5,
      top_k: 3,
      metadata: { user_id: 'u' },
      messages: [{ role: 'user', content: 'Hi' }],
    });
  });
});

describe('embeddings', () => {
  test('are none of this dialect', () => {
    const request = openaiChat.embed.parse({ model: 'm', input: 'a' }, '/v1/embeddings');
    expect(refused(() => anthropic.embed.render(request))?.code).toBe('unprocessable');
  });
});
