import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const fromChat = (body: JsonObject) => ollama.render(openaiChat.parse({ model: 'm', ...body }, 'chat'));

describe('the messages of OpenAI for Ollama', () => {
  test('turn a tool conversation into objects and names', () => {
    const { body } = fromChat({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'Hm.',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } },
            { id: 'call_2', type: 'function', function: { name: 'g', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_2', content: 'two' },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'one' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'h', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'three' },
        { role: 'tool', tool_call_id: 'call_9', content: 'of nobody' },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'assistant',
        content: '',
        thinking: 'Hm.',
        tool_calls: [
          { id: 'call_1', function: { name: 'f', arguments: { a: 1 } } },
          { id: 'call_2', function: { name: 'g', arguments: {} } },
        ],
      },
      { role: 'tool', content: 'two', tool_name: 'g', tool_call_id: 'call_2' },
      { role: 'tool', content: 'one', tool_name: 'f', tool_call_id: 'call_1' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_1', function: { name: 'h', arguments: {} } }],
      },
      { role: 'tool', content: 'three', tool_name: 'h', tool_call_id: 'call_1' },
      { role: 'tool', content: 'of nobody', tool_call_id: 'call_9' },
    ]);
  });

  test('join text parts by line breaks and put images and audio beside them', () => {
    const content = [
      { type: 'text', text: 'What is' },
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } },
      { type: 'text', text: 'this?' },
      { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
      { type: 'refusal', refusal: 'No.' },
    ];
    expect(fromChat({ messages: [{ role: 'user', content }] }).body.messages).toEqual([
      { role: 'user', content: 'What is\nthis?\nNo.', images: ['/9j/4AAQ', 'UklGRg=='] },
    ]);
  });

  test('have data URLs cut at their comma and their tails left alone', () => {
    const tail = `iVBORw0KGgo${'A'.repeat(80)}\ue0000\ue000`;
    const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${tail}` } }];
    expect(fromChat({ messages: [{ role: 'user', content }] }).body.messages).toEqual([
      { role: 'user', content: '', images: [tail] },
    ]);
  });

  test.each(['https://example.com/cat.png', 'data:image/svg+xml,%3Csvg/%3E'])(
    'refuses the image %s',
    (url) => {
      const content = [
        { type: 'text', text: 'Hi' },
        { type: 'image_url', image_url: { url } },
      ];
      expect(refused(() => fromChat({ messages: [{ role: 'user', content }] }))).toEqual({
        code: 'invalid_request',
        param: 'messages[0].content[1].image_url.url',
        message: 'image URLs are not supported here; images must be sent as base64 data',
      });
    },
  );

  test('are refused with a part of another kind', () => {
    const content = [{ type: 'file', file: { file_id: 'f1' } }];
    expect(refused(() => fromChat({ messages: [{ role: 'user', content }] }))).toMatchObject({
      code: 'invalid_request',
      param: 'messages[0].content[0]',
    });
  });

  test.each(['{"a":', '[]', 'x'])('are refused with the tool arguments %s', (text) => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: text } };
    expect(refused(() => fromChat({ messages: [{ role: 'assistant', tool_calls: [call] }] }))).toMatchObject({
      code: 'invalid_request',
      param: 'messages[0].tool_calls[0].function.arguments',
    });
  });
});
