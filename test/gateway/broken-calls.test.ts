import { describe, expect, test } from 'bun:test';
import { bench, streamOf } from './scripted.ts';

const sse = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

const fronts = {
  ollama: (stream: boolean) => [
    '/api/chat',
    { model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] },
  ],
  'openai-chat': (stream: boolean) => [
    '/v1/chat/completions',
    { model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] },
  ],
  'openai-responses': (stream: boolean) => ['/v1/responses', { model: 'm', stream, input: 'hi' }],
  anthropic: (stream: boolean) => [
    '/v1/messages',
    { model: 'm', stream, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  ],
  gemini: (stream: boolean) => [
    `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
  ],
} as const satisfies Record<string, (stream: boolean) => readonly [string, object]>;

type Front = keyof typeof fronts;

/** What a client gets of what an engine answers. */
const answered = async (kind: string, reply: Response, front: Front, stream: boolean): Promise<Response> => {
  const fleet = await bench({ box: { kind, models: { m: {} } } });
  fleet.script('box').infer = () => reply;
  const [path, body] = fronts[front](stream);
  const response = await fleet.post(path, body);
  return new Response(await response.text(), response);
};

const cut = '{"city":"Par';

/** A call whose arguments the limit of tokens cut off, as OpenAI's servers and Anthropic's tell of it. */
const cutOff = (kind: 'openai-compatible' | 'anthropic', stream: boolean): Response => {
  if (kind === 'anthropic') {
    const message = {
      type: 'message',
      role: 'assistant',
      model: 'm',
      usage: { input_tokens: 3, output_tokens: 2 },
    };
    const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
    if (!stream) return Response.json({ ...message, content: [call], stop_reason: 'max_tokens' });
    return new Response(
      streamOf(
        sse({ type: 'message_start', message: { ...message, content: [] } }),
        sse({ type: 'content_block_start', index: 0, content_block: call }),
        sse({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json: cut },
        }),
        sse({ type: 'content_block_stop', index: 0 }),
        sse({ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 2 } }),
        sse({ type: 'message_stop' }),
      ),
    );
  }
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: cut } };
  const said = { role: 'assistant', content: null, tool_calls: [call] };
  const choice = { index: 0, finish_reason: 'length' };
  if (!stream) return Response.json({ model: 'm', choices: [{ ...choice, message: said }] });
  return new Response(
    streamOf(
      sse({ model: 'm', choices: [{ index: 0, delta: said, finish_reason: null }] }),
      sse({ model: 'm', choices: [{ ...choice, delta: {} }] }),
      'data: [DONE]\n\n',
    ),
  );
};

/** How each dialect tells that the limit was reached. */
const limited: Readonly<Record<Front, RegExp>> = {
  ollama: /"done_reason":"length"/,
  'openai-chat': /"finish_reason":"length"/,
  'openai-responses':
    /"status":"incomplete".*"reason":"max_output_tokens"|"reason":"max_output_tokens".*"status":"incomplete"/,
  anthropic: /"stop_reason":"max_tokens"/,
  gemini: /"finishReason":"MAX_TOKENS"/,
};

const frontNames = Object.keys(fronts) as readonly Front[];

describe('a call of a tool that the limit of tokens cut off', () => {
  test.each(frontNames.flatMap((front) => [true, false].map((stream) => [front, stream] as const)))(
    'is told as that to a client of %s (stream: %p)',
    async (front, stream) => {
      for (const kind of ['openai-compatible', 'anthropic'] as const) {
        const response = await answered(kind, cutOff(kind, stream), front, stream);
        const text = await response.text();
        expect({ kind, status: response.status }).toEqual({ kind, status: 200 });
        expect(text).toMatch(limited[front]);
        expect(text).not.toContain('error":{');
      }
    },
  );

  test('is no call where calls are whole or nothing', async () => {
    for (const front of ['ollama', 'gemini'] as const) {
      for (const stream of [true, false]) {
        const response = await answered(
          'openai-compatible',
          cutOff('openai-compatible', stream),
          front,
          stream,
        );
        expect(await response.text()).not.toMatch(/tool_calls|functionCall/);
      }
    }
  });

  test('is an item that is not complete to a client of the Responses API', async () => {
    for (const stream of [true, false]) {
      const response = await answered(
        'openai-compatible',
        cutOff('openai-compatible', stream),
        'openai-responses',
        stream,
      );
      const text = await response.text();
      expect(text).toContain('"type":"function_call","status":"incomplete"');
      expect(text).not.toContain('"type":"function_call","status":"completed"');
    }
  });
});

describe('a call of a tool that its engine could not read', () => {
  const reply = (stream: boolean): Response => {
    const chunk = {
      candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }],
      modelVersion: 'm',
    };
    return stream ? new Response(streamOf(sse(chunk))) : Response.json(chunk);
  };

  test.each(frontNames.filter((front) => front !== 'gemini'))(
    'does not look to a client of %s like an answer that ended well',
    async (front) => {
      for (const stream of [true, false]) {
        const response = await answered('gemini', reply(stream), front, stream);
        expect(response.status).toBe(502);
        expect(await response.text()).toContain('the model wrote a tool call that its engine could not read');
      }
    },
  );

  test('is told to a client of its own dialect as it came', async () => {
    for (const stream of [true, false]) {
      const response = await answered('gemini', reply(stream), 'gemini', stream);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"finishReason":"MALFORMED_FUNCTION_CALL"');
    }
  });
});
