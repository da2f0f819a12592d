import { describe, expect, test } from 'bun:test';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const { peek } = openaiResponses;

const asking = (fields: JsonObject): JsonObject => ({ model: 'm', input: 'Hi', ...fields });

const saying = (...content: Json[]): JsonObject => asking({ input: [{ role: 'user', content }] });

const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const result = { type: 'function_call_output', call_id: 'call_1', output: '1' };

describe('the first look at a request for a response', () => {
  test('sees the model, the stream, the limit and what is needed', () => {
    const body = {
      ...saying({ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0K' }),
      stream: true,
      max_output_tokens: 9,
      tools: [{ type: 'function', name: 'f' }],
    };
    expect(peek(body, 'chat')).toEqual({
      model: 'm',
      stream: true,
      intent: undefined,
      maxOutputTokens: 9,
      needs: ['tools', 'vision'],
    });
  });

  test('needs no model with tools where OpenAI’s servers would run them all', () => {
    expect(peek(asking({ tools: [{ type: 'web_search' }] }), 'chat').needs).toEqual([]);
  });

  const wrong: readonly (readonly [string, JsonObject])[] = [
    ['model', { input: 'Hi' }],
    ['input', { model: 'm' }],
    ['input', asking({ input: 5 })],
    ['input', asking({ input: [] })],
    ['input[0]', asking({ input: ['Hi'] })],
    ['input[0].type', asking({ input: [{ content: 'Hi' }] })],
    ['input[0].type', asking({ input: [{ type: 'computer_call' }] })],
    ['input[0].role', asking({ input: [{ role: 'robot', content: 'Hi' }] })],
    ['input[0].content', asking({ input: [{ role: 'user', content: 5 }] })],
    ['input[0].content[0].text', saying({ type: 'input_text', text: 5 })],
    ['input[0].content[1].type', saying({ type: 'input_text', text: 'a' }, { type: 'input_video' })],
    ['input[0].content[0].image_url', saying({ type: 'input_image', file_id: 'file_1' })],
    ['input[0].content[0].image_url', saying({ type: 'input_image', image_url: 'data:text/plain,hello' })],
    [
      'input[0].content[0].image_url',
      saying({ type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=' }),
    ],
    ['input[0].content[0].file_id', saying({ type: 'input_file', file_id: 'file_1' })],
    ['input[0].content[0].file_data', saying({ type: 'input_file', filename: 'a.pdf' })],
    ['input[0].content[0].input_audio.data', saying({ type: 'input_audio', input_audio: {} })],
    ['input[0].arguments', asking({ input: [{ ...call, arguments: {} }] })],
    ['input[1].output', asking({ input: [call, { ...result, output: 5 }] })],
    ['input[0].call_id', asking({ input: [result] })],
    ['input[1].call_id', asking({ input: [call, { ...result, call_id: 'call_2' }] })],
    ['input[0].call_id', asking({ input: [result, call] })],
    ['input[0].summary[0].text', asking({ input: [{ type: 'reasoning', summary: [{}] }] })],
    ['instructions', asking({ instructions: 5 })],
    ['previous_response_id', asking({ previous_response_id: 5 })],
    ['stream', asking({ stream: 'yes' })],
    ['store', asking({ store: 1 })],
    ['temperature', asking({ temperature: 'hot' })],
    ['max_output_tokens', asking({ max_output_tokens: '9' })],
    ['include', asking({ include: 'all' })],
    ['metadata', asking({ metadata: [] })],
    ['text', asking({ text: 'json' })],
    ['text.format.type', asking({ text: { format: {} } })],
    ['text.format.schema', asking({ text: { format: { type: 'json_schema', name: 'n' } } })],
    ['reasoning.effort', asking({ reasoning: { effort: 3 } })],
    ['tools', asking({ tools: {} })],
    ['tools[0].type', asking({ tools: [{ name: 'f' }] })],
    ['tools[0].name', asking({ tools: [{ type: 'function' }] })],
    ['tools[0].parameters', asking({ tools: [{ type: 'function', name: 'f', parameters: 'none' }] })],
    ['tools[0].tools', asking({ tools: [{ type: 'namespace', name: 'n' }] })],
    [
      'tools[0].tools[0].name',
      asking({ tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] }),
    ],
    ['tool_choice', asking({ tool_choice: 'perhaps' })],
    ['tool_choice', asking({ tool_choice: { type: 'web_search' } })],
    ['background', asking({ background: true })],
    ['conversation', asking({ conversation: 'conv_1' })],
    ['prompt', asking({ prompt: { id: 'pmpt_1' } })],
  ];

  test.each(wrong)('refuses a wrong %s by its path: %j', (param, body) => {
    expect(refused(() => peek(body, 'chat'))).toMatchObject({ code: 'invalid_request', param });
  });

  test('names the kind of a part that is not supported', () => {
    expect(refused(() => peek(saying({ type: 'input_video' }), 'chat'))?.message).toContain('"input_video"');
  });

  test('leaves results alone whose calls may be in what is kept', () => {
    const continued = asking({ input: [result], previous_response_id: 'resp_1' });
    const referring = asking({ input: [{ type: 'item_reference', id: 'fc_1' }, result] });
    expect(refused(() => peek(continued, 'chat'))).toBeUndefined();
    expect(refused(() => peek(referring, 'chat'))).toBeUndefined();
  });
});
