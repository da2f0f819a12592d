import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const user = { role: 'user', content: 'Hi' };
const ask = (more: JsonObject = {}): JsonObject => ({ model: 'm', max_tokens: 9, messages: [user], ...more });
const said = (role: string, ...content: readonly Json[]): JsonObject =>
  ask({ messages: [user, { role, content }] });
const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
const png = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
const image = (source: Json): JsonObject => said('user', { type: 'image', source });

describe('the anthropic peek takes', () => {
  test('the plainest request, whole by default', () => {
    expect(anthropic.peek(ask(), 'chat')).toEqual({
      model: 'm',
      stream: false,
      maxOutputTokens: 9,
      needs: [],
    });
  });

  const taken: [string, JsonObject, JsonObject][] = [
    ['a stream', ask({ stream: true }), { stream: true }],
    ['an image', image(png), { needs: ['vision'] }],
    ['an image of a result', said('assistant', call), { needs: [] }],
    ['tools', ask({ tools: [{ name: 'f', input_schema: {} }] }), { needs: ['tools'] }],
    [
      'a tool of the provider',
      ask({ tools: [{ type: 'bash_20250124', name: 'bash' }] }),
      { needs: ['tools'] },
    ],
    ['a wish to think, which any model may ignore', ask({ thinking: { type: 'adaptive' } }), { needs: [] }],
    ['a block nobody knows', said('assistant', { type: 'server_tool_use', id: 'x' }), { needs: [] }],
    ['fields nobody knows', ask({ later: 1 }), { needs: [] }],
    ['an intent', ask({ intent: 'heavy' }), { intent: 'heavy' }],
  ];
  test.each(taken)('%s', (_name, body, expected) => {
    expect(anthropic.peek(body, 'chat')).toMatchObject(expected);
  });

  test('a conversation that others took part in, and says that it is one', () => {
    const isMixed = (block: JsonObject) => anthropic.peek(said('assistant', block), 'chat').isMixed;
    expect(isMixed({ type: 'thinking', thinking: 'Hm', signature: 'c2ln' })).toBeUndefined();
    expect(isMixed({ type: 'thinking', thinking: 'Hm', signature: '' })).toBe(true);
    expect(isMixed({ type: 'thinking', thinking: 'Hm' })).toBe(true);
    expect(isMixed({ type: 'thinking', thinking: 'Hm', signature: 'pointsman.gemini.x' })).toBe(true);
    expect(isMixed({ type: 'redacted_thinking', data: 'abc' })).toBeUndefined();
    expect(isMixed({ type: 'redacted_thinking', data: 'pointsman.gemini.x' })).toBe(true);
  });
});

describe('the anthropic peek refuses, by the path of the field', () => {
  const wrong: [string, JsonObject][] = [
    ['model', ask({ model: 7 })],
    ['max_tokens', { model: 'm', messages: [user] }],
    ['max_tokens', ask({ max_tokens: 0 })],
    ['max_tokens', ask({ max_tokens: '9' })],
    ['stream', ask({ stream: 'yes' })],
    ['temperature', ask({ temperature: '1' })],
    ['stop_sequences', ask({ stop_sequences: 'END' })],
    ['messages', { model: 'm', max_tokens: 1 }],
    ['messages', ask({ messages: [] })],
    ['messages', ask({ messages: 'Hi' })],
    ['messages[0]', ask({ messages: ['Hi'] })],
    ['messages[0].role', ask({ messages: [{ role: 'tool', content: 'x' }] })],
    ['messages[0].content', ask({ messages: [{ role: 'user' }] })],
    ['messages[1].content[0]', said('user', 'Hi')],
    ['messages[1].content[0].type', said('user', {})],
    ['messages[1].content[0].text', said('user', { type: 'text' })],
    ['system', ask({ system: 7 })],
    ['system[0].type', ask({ system: [{ type: 'image', source: png }] })],
    ['system[0].text', ask({ system: [{ type: 'text' }] })],
    ['messages[1].content[0].source', image(undefined as never)],
    ['messages[1].content[0].source.type', image({})],
    ['messages[1].content[0].source.data', image({ ...png, data: 7 })],
    ['messages[1].content[0].source.data', image({ ...png, data: 'bm90IGFuIGltYWdl' })],
    ['messages[1].content[0].source.media_type', image({ ...png, media_type: 'image/tiff' })],
    ['messages[1].content[0].source.url', image({ type: 'url' })],
    ['messages[1].content[0].source.data', said('user', { type: 'document', source: { type: 'base64' } })],
    ['messages[1].content[0]', said('user', call)],
    ['messages[1].content[0].input', said('assistant', { ...call, input: '{}' })],
    ['messages[1].content[0].id', said('assistant', { ...call, id: 7 })],
    ['messages[1].content[0].tool_use_id', said('user', { type: 'tool_result', tool_use_id: 'a' })],
    ['messages[1].content[0]', said('assistant', { type: 'tool_result', tool_use_id: 'a' })],
    ['messages[1].content[0].thinking', said('assistant', { type: 'thinking' })],
    ['tools', ask({ tools: {} })],
    ['tools[0].name', ask({ tools: [{ input_schema: {} }] })],
    ['tools[0].input_schema', ask({ tools: [{ name: 'f' }] })],
    ['tools[0].type', ask({ tools: [{ type: 7 }] })],
    ['tool_choice', ask({ tool_choice: 'auto' })],
    ['tool_choice.type', ask({ tool_choice: { type: 'required' } })],
    ['tool_choice.name', ask({ tool_choice: { type: 'tool' } })],
    ['thinking', ask({ thinking: true })],
    ['thinking.budget_tokens', ask({ thinking: { type: 'enabled' } })],
    ['output_config', ask({ output_config: 'high' })],
  ];
  test.each(wrong)('%s', (param, body) => {
    const refusal = refused(() => anthropic.peek(body, 'chat'));
    expect(refusal).toMatchObject({ code: 'invalid_request', param });
    expect(refusal?.message).toContain(param);
  });

  test('a result inside a result’s content, and a failure that is no yes or no', () => {
    const answered = (result: JsonObject): JsonObject =>
      ask({
        messages: [
          user,
          { role: 'assistant', content: [call] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', ...result }] },
        ],
      });
    const param = (result: JsonObject) => refused(() => anthropic.peek(answered(result), 'chat'))?.param;
    expect(param({ content: 'fine' })).toBeUndefined();
    expect(param({})).toBeUndefined();
    expect(param({ is_error: 'no' })).toBe('messages[2].content[0].is_error');
    expect(param({ content: [{ type: 'image', source: { ...png, data: 'x' } }] })).toBe(
      'messages[2].content[0].content[0].source.data',
    );
    expect(param({ content: [call] })).toBe('messages[2].content[0].content[0]');
  });
});
