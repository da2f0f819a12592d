import { describe, expect, test } from 'bun:test';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import { GatewayError } from '../../../src/spec/gateway-error.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { stamp } from '../codec.ts';

interface Told {
  readonly name: string;
  readonly data: JsonObject;
}

const toldIn = (bytes: string): readonly Told[] =>
  bytes
    .split('\n\n')
    .filter(Boolean)
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      return { name: name.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) };
    });

const encoderFor = (body: JsonObject) =>
  openaiResponses.encoder(openaiResponses.parse({ model: 'm', input: 'Hi', ...body }, 'chat'), stamp);

const told = (events: readonly ChatEvent[], body: JsonObject = {}): readonly Told[] => {
  const encoder = encoderFor(body);
  const parts = [...events.map((event) => encoder.push(event)), encoder.end()];
  return toldIn(parts.map((part) => new TextDecoder().decode(part)).join(''));
};

const finish: ChatEvent = { type: 'finish', reason: 'stop' };

describe('the events of a response', () => {
  test('of text come in their order, each with its name and number', () => {
    const events = told([
      { type: 'text-delta', text: 'Hel' },
      { type: 'text-delta', text: 'lo' },
      finish,
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
    ]);
    expect(events.map(({ name }) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    for (const [index, { name, data }] of events.entries()) {
      expect(data).toMatchObject({ type: name, sequence_number: index });
    }
    expect(events[4]?.data).toEqual({
      type: 'response.output_text.delta',
      item_id: 'msg_req012345670',
      output_index: 0,
      content_index: 0,
      delta: 'Hel',
      logprobs: [],
      sequence_number: 4,
    });
    expect(events[9]?.data.response).toMatchObject({
      id: 'resp_req-0123-4567',
      object: 'response',
      created_at: stamp.createdUnix,
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }],
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 5,
      },
    });
  });

  test('of reasoning come before the text, as a summary with its signature', () => {
    const events = told([
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'reasoning-signature', signature: { protocol: 'anthropic', value: 'sig' } },
      { type: 'reasoning-redacted', signature: { protocol: 'anthropic', value: 'hidden' } },
      { type: 'text-delta', text: 'Hi' },
      finish,
    ]);
    expect(events.slice(2, 8).map(({ name }) => name)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
    ]);
    const response = events.at(-1)?.data.response as JsonObject;
    expect(response.output).toMatchObject([
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: 'pointsman.anthropic.sig',
      },
      { type: 'reasoning', summary: [], encrypted_content: 'pointsman-redacted:pointsman.anthropic.hidden' },
      { type: 'message' },
    ]);
  });

  test('of calls stream their arguments, under ids of their own', () => {
    const events = told([
      { type: 'tool-call-start', index: 0, name: 'f', signature: { protocol: 'gemini', value: 'g' } },
      { type: 'tool-call-start', index: 1, id: 'call_x', name: 'g' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":' },
      { type: 'tool-call-delta', index: 0, arguments: '1}' },
      { type: 'tool-call-end', index: 0 },
      { type: 'tool-call-end', index: 1 },
      { type: 'finish', reason: 'tool-calls' },
    ]);
    expect(events.map(({ name }) => name).filter((name) => name.includes('arguments'))).toEqual([
      'response.function_call_arguments.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
    ]);
    const response = events.at(-1)?.data.response as JsonObject;
    expect(response.output).toMatchObject([
      { type: 'reasoning', encrypted_content: 'pointsman-call:pointsman.gemini.g' },
      { type: 'function_call', call_id: 'call_req012345671', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call', call_id: 'call_x', name: 'g', arguments: '{}' },
    ]);
  });

  test('never use the id of a call twice', () => {
    const start = { type: 'tool-call-start', id: 'call_1', name: 'f' } as const;
    const events = told([{ ...start, index: 0 }, { ...start, index: 1 }, finish]);
    const response = events.at(-1)?.data.response as JsonObject & { output: JsonObject[] };
    const ids = response.output.map(({ call_id: id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test('of a tool that takes plain text hold the text', () => {
    const tools = [{ type: 'custom', name: 'patch' }];
    const events = told(
      [
        { type: 'tool-call-start', index: 0, id: 'call_1', name: 'patch' },
        { type: 'tool-call-delta', index: 0, arguments: '{"input":"*** ' },
        { type: 'tool-call-delta', index: 0, arguments: 'Begin"}' },
        { type: 'tool-call-end', index: 0 },
        finish,
      ],
      { tools },
    );
    expect(events.slice(2, -1).map(({ name }) => name)).toEqual([
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
    ]);
    expect(events.at(-2)?.data.item).toMatchObject({ type: 'custom_tool_call', input: '*** Begin' });
  });

  test('of a tool in a namespace name both', () => {
    const tools = [{ type: 'namespace', name: 'mcp__files', tools: [{ type: 'function', name: 'list' }] }];
    const events = told(
      [
        { type: 'tool-call-start', index: 0, id: 'call_1', name: 'mcp__files__list' },
        { type: 'tool-call-end', index: 0 },
        finish,
      ],
      { tools },
    );
    expect(events.at(-2)?.data.item).toMatchObject({
      type: 'function_call',
      namespace: 'mcp__files',
      name: 'list',
    });
  });

  test('of a picture hold it once it is whole', () => {
    const events = told([{ type: 'image', data: 'iVBORw0K', mediaType: 'image/png' }, finish]);
    expect(events.at(-2)?.data.item).toMatchObject({
      type: 'image_generation_call',
      status: 'completed',
      output_format: 'png',
      result: 'iVBORw0K',
    });
  });

  test('with probabilities carry them in the delta and in the whole', () => {
    const logprobs = [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }];
    const events = told([{ type: 'text-delta', text: 'Hi', logprobs }, finish]);
    expect(events[4]?.data.logprobs).toEqual(logprobs);
    expect(JSON.stringify(events.at(-1)?.data.response)).toContain('"logprob":-0.1');
  });

  test.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
    ['refusal', 'content_filter'],
  ] as const)('end incomplete for %s', (reason, word) => {
    const events = told([
      { type: 'text-delta', text: 'And' },
      { type: 'finish', reason },
    ]);
    expect(events.at(-1)).toMatchObject({
      name: 'response.incomplete',
      data: { response: { status: 'incomplete', incomplete_details: { reason: word } } },
    });
    expect(events.at(-2)?.data.item).toMatchObject({ status: 'incomplete' });
  });

  test('leave out answers beside the first', () => {
    const events = told([{ type: 'text-delta', text: 'b', choice: 1 }, finish, { ...finish, choice: 1 }]);
    expect(events.map(({ name }) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
  });

  test('tell again what was asked', () => {
    const asked = {
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      tools: [{ type: 'function', name: 'f' }],
      tool_choice: 'required',
      temperature: 0.5,
      previous_response_id: 'resp_0',
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      store: false,
    };
    const [created] = told([finish], asked);
    expect(created?.data.response).toMatchObject({ ...asked, top_p: 1, parallel_tool_calls: true });
  });

  test('that break end with an error and with what was said', () => {
    const encoder = encoderFor({});
    const said = new TextDecoder().decode(encoder.push({ type: 'text-delta', text: 'Hel' }));
    const last = encoder.fail?.(new GatewayError('overloaded', 'too busy')) ?? new Uint8Array();
    const events = toldIn(said + new TextDecoder().decode(last));
    expect(events.slice(-2)).toMatchObject([
      {
        name: 'error',
        data: { type: 'error', code: 'server_is_overloaded', message: 'too busy', sequence_number: 5 },
      },
      {
        name: 'response.failed',
        data: {
          sequence_number: 6,
          response: { id: 'resp_req-0123-4567', status: 'failed', error: { message: 'too busy' } },
        },
      },
    ]);
  });
});
