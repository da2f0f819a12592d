import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { asJson } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';
import { refused } from '../refused.ts';

const everything = fixtures('anthropic', 'chat').find(({ name }) => name === 'everything');
if (everything === undefined) throw new Error('the fixture is missing');
const request = anthropic.parse(bodyOf(everything), 'chat');

const parsed = (more: JsonObject) =>
  anthropic.parse(
    { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }], ...more },
    'chat',
  );

describe('a request in Anthropic’s dialect', () => {
  test('asked of OpenAI’s keeps its conversation, tools and wishes', () => {
    const { body, dropped } = openaiChat.render(request);
    expect(asJson(body)).toMatchObject({
      model: 'claude-sonnet-4-5',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 4096,
      stop: ['END'],
      parallel_tool_calls: false,
      tool_choice: 'auto',
      reasoning_effort: 'high',
      tools: [
        { type: 'function', function: { name: 'look', description: 'Looks' } },
        { type: 'function', function: { name: 'read' } },
      ],
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'You are terse.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==' } },
            {
              type: 'file',
              file: { filename: 'Report', file_data: 'data:application/pdf;base64,JVBERi0xLjcK' },
            },
            { type: 'text', text: 'plain words' },
          ],
        },
        {
          role: 'assistant',
          content: 'I look.',
          reasoning_content: 'Let me see.',
          tool_calls: [
            { id: 'toolu_1', function: { name: 'look', arguments: '{"at":"image"}' } },
            { id: 'toolu_2', function: { name: 'read', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'a cat' },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'no such file' },
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQSkZJRg==' } }],
        },
        { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
      ],
    });
    expect(dropped).toEqual(
      expect.arrayContaining([
        'service_tier',
        'thinking_tokens',
        'tools[2]',
        'system[0].cache_control',
        'messages[1].reasoning[0].signature',
        'messages[2].content[1].is_error',
      ]),
    );
  });

  test('asked of Ollama keeps them too, with images beside their message', () => {
    const { body, dropped } = ollama.render(request);
    expect(asJson(body)).toMatchObject({
      model: 'claude-sonnet-4-5',
      think: 'high',
      options: { num_predict: 4096, stop: ['END'] },
      messages: [
        { role: 'system', content: 'You are terse.' },
        {
          role: 'user',
          content: 'What is this?\nplain words',
          images: ['iVBORw0KGgoAAAANSUhEUg=='],
        },
        {
          role: 'assistant',
          thinking: 'Let me see.',
          tool_calls: [{ function: { name: 'look', arguments: { at: 'image' } } }, { id: 'toolu_2' }],
        },
        { role: 'tool', content: 'a cat', tool_name: 'look', images: ['/9j/4AAQSkZJRg=='] },
        { role: 'tool', content: 'no such file', tool_name: 'read' },
        { role: 'user', content: 'Go on' },
      ],
    });
    expect(dropped).toContain('messages[0].content[2]');
  });

  test('names a part that no other dialect takes', () => {
    const block = { type: 'search_result', source: 'x', title: 'y', content: [] };
    const asked = parsed({ messages: [{ role: 'user', content: [block] }] });
    for (const other of [ollama, openaiChat]) {
      const refusal = refused(() => other.render(asked));
      expect(refusal).toMatchObject({ param: 'messages[0].content[0]' });
      expect(refusal?.message).toContain('messages[0].content[0]');
    }
  });

  test('offers no tools where all were the provider’s own', () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    const { body, dropped } = openaiChat.render(
      parsed({ tools, tool_choice: { type: 'tool', name: 'web_search' } }),
    );
    expect(body.tools).toBeUndefined();
    expect(body.tool_choice).toBeUndefined();
    expect(dropped).toEqual(['tools[0]']);
  });

  const wishes: readonly (readonly [JsonObject, JsonObject])[] = [
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { thinking: true, thinkingTokens: 2000 }],
    [{ thinking: { type: 'adaptive' } }, { thinking: true }],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }, { thinking: 'max' }],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'low' } }, { thinking: false }],
    [{ output_config: { effort: 'medium' } }, { thinking: 'medium' }],
    [{ tool_choice: { type: 'any' } }, { toolChoice: 'required' }],
    [{ tool_choice: { type: 'tool', name: 'f' } }, { toolChoice: { name: 'f' } }],
    [{ tool_choice: { type: 'none' } }, { toolChoice: 'none' }],
    [
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      { format: { type: 'schema', schema: { type: 'object' } } },
    ],
    [
      { output_format: { type: 'json_schema', schema: { type: 'object' } } },
      { format: { type: 'schema', schema: { type: 'object' } } },
    ],
    [{ temperature: 0.5, top_p: 0.9, top_k: 3 }, { sampling: { temperature: 0.5, topP: 0.9, topK: 3 } }],
  ];
  test.each(wishes)('reads %j', (sent, neutral) => {
    expect(parsed(sent)).toMatchObject(neutral);
  });

  test('says nothing of thinking where nothing is said', () => {
    expect(parsed({}).thinking).toBeUndefined();
  });

  test('names a format of its answer that is not known', () => {
    const { dropped } = openaiChat.render(parsed({ output_config: { format: { type: 'later' } } }));
    expect(dropped).toEqual(['output_config']);
  });

  test('puts results before what the user says, and a failed one is one', () => {
    const { messages } = parsed({
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'so' },
            {
              type: 'tool_result',
              tool_use_id: 'a',
              content: [{ type: 'text', text: 'no' }],
              is_error: true,
            },
          ],
        },
      ],
    });
    expect(messages.slice(1)).toMatchObject([
      { role: 'tool', toolCallId: 'a', content: 'no', toolFailed: true },
      { role: 'user', content: 'so' },
    ]);
  });
});

describe('a conversation that other engines took part in', () => {
  const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
  const result = { type: 'tool_result', tool_use_id: 'a' };
  const own = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' };
  const foreign = { type: 'thinking', thinking: 'Hm', signature: '' };
  const body = (...content: readonly JsonObject[]): JsonObject => ({
    model: 'm',
    thinking: { type: 'enabled', budget_tokens: 2048 },
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: [result] },
    ],
  });

  test('loses the reasoning that the provider would refuse, and no more', () => {
    const purged = anthropic.purged?.(body(own, foreign, call));
    expect(purged?.body).toEqual(body(own, call));
    expect(purged?.dropped).toEqual(['messages[1].content[1]']);
  });

  test('is not thought on in a turn that began elsewhere', () => {
    const purged = anthropic.purged?.(body(foreign, call));
    const { thinking: _, ...rest } = body(call);
    expect(purged?.body).toEqual(rest);
    expect(purged?.dropped).toEqual(['messages[1].content[0]', 'thinking']);
  });

  test('loses a message that was nothing else', () => {
    const { messages } = anthropic.purged?.(body(foreign))?.body ?? {};
    expect(messages).toHaveLength(2);
  });
});
