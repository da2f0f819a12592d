import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import { chatRequest, stamp } from '../codec.ts';
import { refused } from '../refused.ts';

const at = '"model":"asked/for:this","created_at":"2026-08-21T10:00:00.000Z"';

const generateRequest: ChatRequest = { ...chatRequest, messages: [], prompt: { text: 'Hi' } };

/** What each event gives, then the end; the clock starts at 0 and gains 100 ms at each look. */
const write = (events: readonly ChatEvent[], request = chatRequest): readonly string[] => {
  let elapsedMs = -100;
  const encoder = ollama.encoder(request, {
    ...stamp,
    elapsedMs: () => {
      elapsedMs += 100;
      return elapsedMs;
    },
  });
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return [...events.map((event) => text(encoder.push(event))), text(encoder.end())].filter(
    (line) => line !== '',
  );
};

const hi: ChatEvent = { type: 'text-delta', text: 'Hi\n"you"' };
const finish: ChatEvent = { type: 'finish', reason: 'stop' };
const timings = { totalMs: 4883.583458, loadMs: 1.334875, prefillMs: 342.546, decodeMs: 4535.599 };

describe('the ollama encoder', () => {
  test('echoes the asked model and stamps each line', () => {
    expect(write([{ type: 'response-start', model: 'other' }, hi, finish])).toEqual([
      `{${at},"message":{"role":"assistant","content":"Hi\\n\\"you\\""},"done":false}\n`,
      `{${at},"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":100000000,"eval_duration":100000000}\n`,
    ]);
  });

  test('counts the time to the first content as prefill where the engine reports none', () => {
    const [, , last = ''] = write([
      hi,
      hi,
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 0 } },
      finish,
    ]);
    expect(JSON.parse(last)).toMatchObject({ total_duration: 100_000_000, prompt_eval_count: 3 });
    expect(JSON.parse(last)).not.toHaveProperty('eval_count');
  });

  test('gives the durations of the engine as whole nanoseconds', () => {
    const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 26, outputTokens: 282, timings } };
    for (const events of [
      [hi, usage, finish],
      [hi, finish, usage],
    ]) {
      expect(JSON.parse(write(events).at(-1) ?? '')).toMatchObject({
        total_duration: 4883583458,
        load_duration: 1334875,
        prompt_eval_count: 26,
        prompt_eval_duration: 342546000,
        eval_count: 282,
        eval_duration: 4535599000,
      });
    }
  });

  test('holds a tool call until it is whole, and keeps every digit of its arguments', () => {
    expect(
      write([
        { type: 'tool-call-start', index: 0, id: 'call_1', name: 'f' },
        { type: 'tool-call-delta', index: 0, arguments: '{\n "seed": 90071992547409931,' },
        { type: 'tool-call-delta', index: 0, arguments: '\r\n "a": 1.0}' },
        { type: 'tool-call-end', index: 0 },
        { type: 'finish', reason: 'tool-calls' },
      ])[0],
    ).toBe(
      `{${at},"message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","function":{"index":0,"name":"f","arguments":{  "seed": 90071992547409931,  "a": 1.0}}}]},"done":false}\n`,
    );
  });

  test('writes calls that were never ended with the finish, on one line', () => {
    const lines = write([
      { type: 'tool-call-start', index: 0, name: 'f' },
      { type: 'tool-call-start', index: 1, name: 'g' },
      { type: 'tool-call-delta', index: 1, arguments: '{"a":1}' },
      { type: 'finish', reason: 'tool-calls' },
    ]);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: {
        tool_calls: [
          { function: { name: 'f', arguments: {} } },
          { function: { name: 'g', arguments: { a: 1 } } },
        ],
      },
    });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ done: true, done_reason: 'stop' });
  });

  test.each(['{"a":', '[1]', '"text"', 'null'])(
    'refuses the tool arguments %s as an error of the engine',
    (text) => {
      const events: ChatEvent[] = [
        { type: 'tool-call-start', index: 0, name: 'f' },
        { type: 'tool-call-delta', index: 0, arguments: text },
        { type: 'tool-call-end', index: 0 },
        finish,
      ];
      expect(refused(() => write(events))?.code).toBe('upstream_error');
      expect(refused(() => ollama.whole.encode(events, chatRequest, stamp))?.code).toBe('upstream_error');
    },
  );

  test('writes the generate shape for a prompt', () => {
    expect(
      write(
        [{ type: 'reasoning-delta', text: 'Hm.' }, hi, { type: 'finish', reason: 'length' }],
        generateRequest,
      ),
    ).toEqual([
      `{${at},"response":"","thinking":"Hm.","done":false}\n`,
      `{${at},"response":"Hi\\n\\"you\\"","done":false}\n`,
      `{${at},"response":"","done":true,"done_reason":"length","total_duration":100000000,"eval_duration":100000000}\n`,
    ]);
  });

  test('writes only the first of several choices, and nothing for events without content', () => {
    expect(
      write([
        { type: 'text-delta', text: '' },
        { type: 'reasoning-delta', text: '' },
        { type: 'text-delta', text: 'other', choice: 1 },
        { type: 'unknown', raw: { a: 1 } },
        { type: 'finish', reason: 'length', choice: 1 },
        finish,
      ]),
    ).toHaveLength(1);
  });

  test('a whole answer is one object with its metrics', () => {
    const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 26, outputTokens: 282, timings } };
    expect(ollama.whole.encode([hi, usage, finish], chatRequest, stamp)).toEqual({
      model: 'asked/for:this',
      created_at: '2026-08-21T10:00:00.000Z',
      message: { role: 'assistant', content: 'Hi\n"you"' },
      done: true,
      done_reason: 'stop',
      total_duration: 4883583458,
      load_duration: 1334875,
      prompt_eval_count: 26,
      prompt_eval_duration: 342546000,
      eval_count: 282,
      eval_duration: 4535599000,
    });
  });

  test('a loaded model is told in both shapes', () => {
    const load: ChatEvent[] = [{ type: 'finish', reason: 'load' }];
    expect(ollama.whole.encode(load, chatRequest, stamp)).toMatchObject({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'load',
    });
    expect(ollama.whole.encode(load, generateRequest, stamp)).toMatchObject({
      response: '',
      done_reason: 'load',
    });
  });
});
