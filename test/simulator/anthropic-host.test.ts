import { describe, expect, test } from 'bun:test';
import type { SimulatedHostOptions } from '../../src/simulator/host-settings.ts';
import { createSimulatedHost } from '../../src/simulator/simulated-host.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { roundRates } from './play.ts';

const model = 'claude-haiku-4-5-20251001';
const known = { 'x-api-key': 'sk-ant-any', 'anthropic-version': '2023-06-01' };

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const start = (options: Partial<SimulatedHostOptions> = {}) => {
  const clock = createVirtualClock();
  const host = createSimulatedHost(
    { kind: 'anthropic', name: 'box', rates: roundRates, ...options },
    { clock },
  );
  const send = async (
    path: string,
    body?: Json,
    headers: Record<string, string> = known,
  ): Promise<Answered> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await host.fetch(new Request(`http://host${path}`, { ...init, headers }));
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const ask = (path: string, body?: Json, headers?: Record<string, string>): Promise<Answered> =>
    clock.until(send(path, body, headers));
  return { host, clock, ask };
};

const message = (content: Json, more: JsonObject = {}): JsonObject => ({
  model,
  max_tokens: 64,
  messages: [{ role: 'user', content }],
  ...more,
});

const bodyOf = ({ text }: Answered): JsonObject => JSON.parse(text);

const eventsOf = ({ text }: Answered): readonly JsonObject[] =>
  text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.replace(/^event: \w+\ndata: /, '')));

describe('the simulated Anthropic API answers', () => {
  test('with events in their order, a ping after the first block began', async () => {
    const answer = await start().ask('/v1/messages', message('hi in 6 words', { stream: true }));
    const types = eventsOf(answer).map(({ type }) => type as string);
    expect(types.slice(0, 4)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
    ]);
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
    expect(answer.headers.get('content-type')).toStartWith('text/event-stream');
    expect(answer.headers.get('request-id')).toStartWith('req_');
    expect(eventsOf(answer).at(-2)).toMatchObject({
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: types.filter((type) => type === 'content_block_delta').length },
    });
  });

  test('with what is left of the minute in its headers', async () => {
    const { ask } = start();
    const remaining = async () =>
      Number(
        (await ask('/v1/messages', message('hi'))).headers.get('anthropic-ratelimit-requests-remaining'),
      );
    const first = await remaining();
    expect(await remaining()).toBe(first - 1);
    const { headers } = await ask('/v1/messages', message('hi'));
    expect(headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('with a signed thought, a redacted one, or one that is not shown', async () => {
    const { ask } = start();
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const content = async (text: string, more: JsonObject = {}) => {
      const body = message(text, { max_tokens: 2000, thinking: { ...thinking, ...more } });
      return bodyOf(await ask('/v1/messages', body)).content as JsonObject[];
    };
    const [thought] = await content('hi');
    expect(thought).toMatchObject({ type: 'thinking', thinking: expect.stringContaining('Let me') });
    expect(thought?.signature).toBeString();
    expect((await content('hi', { display: 'omitted' }))[0]).toMatchObject({
      type: 'thinking',
      thinking: '',
    });
    expect((await content('ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9'))[0]).toMatchObject({
      type: 'redacted_thinking',
    });
  });

  test('with the sequence that ended it, the limit, a refusal, and calls', async () => {
    const { ask } = start();
    const reason = async (body: JsonObject) => {
      const { stop_reason, stop_sequence } = bodyOf(await ask('/v1/messages', body));
      return [stop_reason, stop_sequence];
    };
    const tools = [{ name: 'look', input_schema: { type: 'object' } }];
    expect(await reason(message('hi', { stop_sequences: ['nowhere', 'on box'] }))).toEqual([
      'stop_sequence',
      'on box',
    ]);
    expect(await reason(message('hi', { max_tokens: 2 }))).toEqual(['max_tokens', null]);
    expect(await reason(message('use the tool', { tools }))).toEqual(['tool_use', null]);
    expect(await reason(message('ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAE'))).toEqual(['refusal', null]);
  });

  test('with a count, and its models page by page', async () => {
    const { ask } = start({ models: ['claude-a', 'claude-b', 'claude-c'] });
    const counted = bodyOf(
      await ask('/v1/messages/count_tokens', { ...message('one two'), model: 'claude-a' }),
    );
    expect(counted.input_tokens).toBeGreaterThan(1);
    const page = bodyOf(await ask('/v1/models?limit=2'));
    expect(page).toMatchObject({ has_more: true, first_id: 'claude-a', last_id: 'claude-b' });
    expect(bodyOf(await ask('/v1/models?limit=2&after_id=claude-b'))).toMatchObject({
      has_more: false,
      data: [{ id: 'claude-c', type: 'model' }],
    });
    expect(bodyOf(await ask('/v1/models/claude-a'))).toMatchObject({ id: 'claude-a' });
    expect((await ask('/v1/models/claude-x')).status).toBe(404);
  });
});

describe('the simulated Anthropic API refuses', () => {
  const user = { role: 'user', content: 'Hi' };
  const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
  const said = (...messages: readonly Json[]): JsonObject => message('', { messages });
  const image = (source: JsonObject): JsonObject => message([{ type: 'image', source }]);

  const wrong: readonly (readonly [what: string, body: JsonObject, words: string])[] = [
    ['a field it does not know', message('Hi', { seed: 1 }), 'seed: Extra inputs are not permitted'],
    ['no limit', { model, messages: [user] }, 'max_tokens: Field required'],
    ['an empty text', message([{ type: 'text', text: '' }]), 'text content blocks must be non-empty'],
    ['a hot temperature', message('Hi', { temperature: 2 }), 'temperature: Input should be less than'],
    ['two samplings', message('Hi', { temperature: 1, top_p: 0.5 }), 'cannot both be specified'],
    ['a blank sequence', message('Hi', { stop_sequences: ['\n'] }), 'must contain non-whitespace'],
    ['a strange role', said({ role: 'tool', content: 'x' }), "Input should be 'user' or 'assistant'"],
    [
      'a call without its result',
      said(user, { role: 'assistant', content: [call] }, user),
      'without `tool_result`',
    ],
    [
      'a result without its call',
      said({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] }),
      'unexpected `tool_use_id`',
    ],
    [
      'a strange id',
      said(user, { role: 'assistant', content: [{ ...call, id: 'a.b' }] }),
      'String should match pattern',
    ],
    ['a strange block', message([{ type: 'audio' }]), "Input tag 'audio'"],
    [
      'a strange image',
      image({ type: 'base64', media_type: 'image/tiff', data: '/9j/' }),
      'media_type: Input should be',
    ],
    ['no image', image({ type: 'base64', media_type: 'image/png', data: 'AAAA' }), 'Could not process image'],
    [
      'a signature that is not its own',
      said(
        user,
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature: 'x' }] },
        user,
      ),
      'Invalid `signature`',
    ],
    ['white space at the end', said(user, { role: 'assistant', content: 'So ' }), 'trailing whitespace'],
    [
      'a budget that does not fit',
      message('Hi', { thinking: { type: 'enabled', budget_tokens: 1024 } }),
      '`max_tokens` must be greater',
    ],
    [
      'a thought behind a forced call',
      message('Hi', {
        thinking: { type: 'adaptive' },
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        tool_choice: { type: 'any' },
      }),
      'Thinking may not be enabled',
    ],
    [
      'a tool without a schema',
      message('Hi', { tools: [{ name: 'f', input_schema: {} }] }),
      'input_schema.type',
    ],
    ['a choice of no tools', message('Hi', { tool_choice: { type: 'auto' } }), 'while providing tools'],
  ];
  test.each(wrong)('%s', async (_what, body, words) => {
    const answer = await start().ask('/v1/messages', body);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(words) },
    });
  });

  test('who brings no key, a wrong one, no version, or has not paid', async () => {
    const { ask } = start();
    const refusal = async (headers: Record<string, string>) => {
      const answer = await ask('/v1/messages', message('Hi'), headers);
      return [answer.status, (bodyOf(answer).error as JsonObject).type];
    };
    expect(await refusal({})).toEqual([401, 'authentication_error']);
    expect(await refusal({ ...known, 'x-api-key': 'invalid' })).toEqual([401, 'authentication_error']);
    expect(await refusal({ 'x-api-key': 'k' })).toEqual([400, 'invalid_request_error']);
    expect(await refusal({ ...known, 'x-api-key': 'unpaid' })).toEqual([400, 'invalid_request_error']);
  });

  test('a model it does not have, and a prompt beyond its context', async () => {
    const { ask } = start();
    expect(bodyOf(await ask('/v1/messages', message('Hi', { model: 'gpt' })))).toMatchObject({
      error: { type: 'not_found_error', message: 'model: gpt' },
    });
    const long = await ask('/v1/messages', message('word '.repeat(200_001)));
    expect(bodyOf(long)).toMatchObject({
      error: { message: expect.stringMatching(/^prompt is too long: \d+ tokens > 200000 maximum$/) },
    });
  });

  const faults = [
    ['busy-503', 529, 'overloaded_error'],
    ['rate-429', 429, 'rate_limit_error'],
    ['error-500', 500, 'api_error'],
  ] as const;
  test.each(faults)('when struck by %s with %d', async (fault, status, type) => {
    const { host, ask } = start();
    host.setFault({ fault });
    const answer = await ask('/v1/messages', message('Hi'));
    expect(answer.status).toBe(status);
    expect(bodyOf(answer)).toMatchObject({ error: { type } });
    expect(answer.headers.get('retry-after') === null).toBe(fault !== 'rate-429');
  });

  test('at its edge, in words that are not its own', async () => {
    const { host, ask } = start();
    host.setFault({ fault: 'error-503' });
    const answer = await ask('/v1/messages', message('Hi'));
    expect(answer.status).toBe(503);
    expect(answer.text).toStartWith('upstream connect error');
  });

  test('to go on in the middle of a stream, which ends with an event', async () => {
    const { host, ask } = start();
    host.setFault({ fault: 'crash-after', after: 3 });
    const events = eventsOf(await ask('/v1/messages', message('hi in 9 words', { stream: true })));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    expect(events.some(({ type }) => type === 'message_stop')).toBe(false);
  });
});
