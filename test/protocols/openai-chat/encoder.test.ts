import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import { chatRequest, stamp } from '../codec.ts';

const head =
  '"id":"chatcmpl-req-0123-4567","object":"chat.completion.chunk","created":1755770400,"model":"asked/for:this"';

const withoutUsage: ChatRequest = { ...chatRequest, includeUsage: false };
const completionRequest: ChatRequest = { ...withoutUsage, messages: [], prompt: { text: 'def' } };

const write = (events: readonly ChatEvent[], request = withoutUsage): readonly string[] => {
  const encoder = openaiChat.encoder(request, stamp);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return [...events.map((event) => text(encoder.push(event))), text(encoder.end())].filter(
    (chunk) => chunk !== '',
  );
};

const chunk = (choice: string, rest = ''): string => `data: {${head},"choices":[${choice}]${rest}}\n\n`;

const hi: ChatEvent = { type: 'text-delta', text: 'Hi' };
const finish: ChatEvent = { type: 'finish', reason: 'stop' };
const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 9, outputTokens: 12, cachedInputTokens: 4 } };

describe('the openai-chat encoder', () => {
  test('sends the role with the first delta, an empty delta with the reason, and [DONE]', () => {
    expect(
      write([{ type: 'response-start' }, hi, { type: 'text-delta', text: ' there' }, usage, finish]),
    ).toEqual([
      chunk('{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}'),
      chunk('{"index":0,"delta":{"content":" there"},"finish_reason":null}'),
      chunk('{"index":0,"delta":{},"finish_reason":"stop"}'),
      'data: [DONE]\n\n',
    ]);
  });

  test('sends usage in a chunk without choices where it was asked for, and null on the others', () => {
    const counted =
      '{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4}}';
    for (const events of [
      [hi, usage, finish],
      [hi, finish, usage],
    ]) {
      expect(write(events, chatRequest)).toEqual([
        chunk(
          '{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}',
          ',"usage":null',
        ),
        chunk('{"index":0,"delta":{},"finish_reason":"stop"}', ',"usage":null'),
        `data: {${head},"choices":[],"usage":${counted}}\n\ndata: [DONE]\n\n`,
      ]);
    }
  });

  test('sends reasoning as reasoning_content', () => {
    expect(write([{ type: 'reasoning-delta', text: 'Hm.' }, hi, finish]).slice(0, 2)).toEqual([
      chunk('{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm."},"finish_reason":null}'),
      chunk('{"index":0,"delta":{"content":"Hi"},"finish_reason":null}'),
    ]);
  });

  test('sends id, type and name of a tool call once, then its arguments', () => {
    expect(
      write([
        { type: 'tool-call-start', index: 0, id: 'call_1', name: 'f' },
        { type: 'tool-call-delta', index: 0, arguments: '{"a":1}' },
        { type: 'tool-call-end', index: 0 },
        { type: 'finish', reason: 'tool-calls' },
      ]),
    ).toEqual([
      chunk(
        '{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}',
      ),
      chunk(
        '{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]},"finish_reason":null}',
      ),
      chunk('{"index":0,"delta":{},"finish_reason":"tool_calls"}'),
      'data: [DONE]\n\n',
    ]);
  });

  test('makes the same ids for calls without one, streamed or whole, and no longer than 40 characters', () => {
    const long = { ...stamp, id: '0f8fad5b-d9cb-469f-a165-70867728950e' };
    const calls: ChatEvent[] = [0, 1].flatMap((index): ChatEvent[] => [
      { type: 'tool-call-start', index, name: 'f' },
      { type: 'tool-call-end', index },
    ]);
    const encoder = openaiChat.encoder(withoutUsage, long);
    const streamed = calls.map((event) => new TextDecoder().decode(encoder.push(event))).join('');
    const ids = [...streamed.matchAll(/"id":"(call_[^"]*)"/g)].map((match) => match[1] ?? '');
    expect(ids).toEqual(['call_d9cb469fa16570867728950e0', 'call_d9cb469fa16570867728950e1']);
    const whole = JSON.stringify(openaiChat.whole.encode([...calls, finish], withoutUsage, long));
    for (const id of ids) expect(whole).toContain(`"id":"${id}"`);
  });

  test('an answer without a word still has its role', () => {
    expect(write([finish])).toEqual([
      chunk('{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}') +
        chunk('{"index":0,"delta":{},"finish_reason":"stop"}'),
      'data: [DONE]\n\n',
    ]);
  });

  test('sends logprobs beside their text', () => {
    const logprobs = [{ token: 'Hi', logprob: -0.5 }];
    expect(write([{ type: 'text-delta', text: 'Hi', logprobs }, finish])[0]).toBe(
      chunk(
        '{"index":0,"delta":{"role":"assistant","content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.5}]},"finish_reason":null}',
      ),
    );
  });

  test('writes each choice under its number', () => {
    expect(
      write([
        hi,
        { type: 'text-delta', text: 'Yo', choice: 1 },
        { type: 'finish', reason: 'length', choice: 1 },
        finish,
      ]).slice(1, 3),
    ).toEqual([
      chunk('{"index":1,"delta":{"role":"assistant","content":"Yo"},"finish_reason":null}'),
      chunk('{"index":1,"delta":{},"finish_reason":"length"}'),
    ]);
  });

  test('writes the completion shape for a prompt, with logprobs in parallel lists', () => {
    const logprobs = [{ token: ' f', logprob: -0.5, top_logprobs: [{ token: ' f', logprob: -0.5 }] }];
    const start =
      '"id":"cmpl-req-0123-4567","object":"text_completion","created":1755770400,"model":"asked/for:this"';
    expect(
      write(
        [hi, { type: 'text-delta', text: ' f', logprobs }, { type: 'reasoning-delta', text: 'x' }, finish],
        completionRequest,
      ),
    ).toEqual([
      `data: {${start},"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}]}\n\n`,
      `data: {${start},"choices":[{"text":" f","index":0,"logprobs":{"tokens":[" f"],"token_logprobs":[-0.5],"top_logprobs":[{" f":-0.5}],"text_offset":[2]},"finish_reason":null}]}\n\n`,
      `data: {${start},"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}]}\n\n`,
      'data: [DONE]\n\n',
    ]);
  });

  test('a whole answer has content null beside tool calls alone, and usage only where it is known', () => {
    const call: ChatEvent[] = [
      { type: 'tool-call-start', index: 0, id: 'call_1', name: 'f' },
      { type: 'tool-call-delta', index: 0, arguments: '{}' },
      { type: 'tool-call-end', index: 0 },
      { type: 'finish', reason: 'tool-calls' },
    ];
    expect(openaiChat.whole.encode([...call, usage], withoutUsage, stamp)).toEqual({
      id: 'chatcmpl-req-0123-4567',
      object: 'chat.completion',
      created: 1755770400,
      model: 'asked/for:this',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 9,
        completion_tokens: 12,
        total_tokens: 21,
        prompt_tokens_details: { cached_tokens: 4 },
      },
    });
    const plain = openaiChat.whole.encode([hi, finish], withoutUsage, stamp);
    expect(plain).not.toHaveProperty('usage');
    expect(plain.choices).toEqual([
      { index: 0, message: { role: 'assistant', content: 'Hi' }, logprobs: null, finish_reason: 'stop' },
    ]);
  });

  test('a whole completion has the completion shape', () => {
    expect(
      openaiChat.whole.encode([hi, { type: 'finish', reason: 'length' }], completionRequest, stamp),
    ).toMatchObject({
      id: 'cmpl-req-0123-4567',
      object: 'text_completion',
      choices: [{ text: 'Hi', index: 0, logprobs: null, finish_reason: 'length' }],
    });
  });
});
