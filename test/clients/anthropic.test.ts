import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

const tools: Anthropic.Tool[] = [
  {
    name: weather.name,
    description: weather.description,
    input_schema: { ...weather.parameters, required: [...weather.parameters.required] },
  },
];

for (const { name, options, model } of engines) {
  describe(`the Anthropic SDK in front of ${name}`, () => {
    let given: Served;
    let client: Anthropic;
    beforeAll(async () => {
      given = await served(options);
      client = new Anthropic({ baseURL: given.url, apiKey: 'unused', maxRetries: 0 });
    });
    afterAll(() => given.stop());

    const asked = {
      model,
      max_tokens: 512,
      messages: [{ role: 'user' as const, content: 'Say something about rivers' }],
    };

    const textOf = ({ content }: Anthropic.Message): string =>
      content.map((block) => (block.type === 'text' ? block.text : '')).join('');

    test('answers a message', async () => {
      const answer = await client.messages.create(asked);
      expect(textOf(answer).length).toBeGreaterThan(10);
      expect(answer.stop_reason).toBe('end_turn');
      expect(answer.usage.input_tokens).toBeGreaterThan(0);
      expect(answer.usage.output_tokens).toBeGreaterThan(0);
    });

    test('streams the same message in pieces, with its usage', async () => {
      const stream = client.messages.stream(asked);
      let pieces = 0;
      stream.on('text', () => {
        pieces += 1;
      });
      const final = await stream.finalMessage();
      expect(pieces).toBeGreaterThan(3);
      expect(final.stop_reason).toBe('end_turn');
      expect(final.usage.input_tokens).toBeGreaterThan(0);
      expect(textOf(final)).toBe(textOf(await client.messages.create(asked)));
    });

    test('stops at the limit and says so', async () => {
      const answer = await client.messages.create({
        ...asked,
        max_tokens: 3,
        thinking: { type: 'disabled' },
      });
      expect(answer.stop_reason).toBe('max_tokens');
    });

    test('calls a tool and reads its result', async () => {
      const question = { role: 'user' as const, content: 'use get_weather for Paris' };
      const call = await client.messages.stream({ ...asked, messages: [question], tools }).finalMessage();
      const block = call.content.find(({ type }) => type === 'tool_use');
      expect(call.stop_reason).toBe('tool_use');
      expect(block?.type === 'tool_use' && block.name).toBe('get_weather');
      const id = block?.type === 'tool_use' ? block.id : '';
      const answer = await client.messages.create({
        ...asked,
        tools,
        messages: [
          question,
          { role: 'assistant', content: call.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '18 °C' }] },
        ],
      });
      expect(answer.content.length).toBeGreaterThan(0);
    });

    test('thinks aloud in a block of its own', async () => {
      const final = await client.messages
        .stream({ ...asked, max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 1024 } })
        .finalMessage();
      expect(final.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    });

    test('counts the tokens of a prompt', async () => {
      const { input_tokens } = await client.messages.countTokens({ model, messages: asked.messages });
      expect(input_tokens).toBeGreaterThan(3);
      expect(input_tokens).toBeLessThan(40);
    });

    test('lists models, one by one and by name', async () => {
      const names: string[] = [];
      for await (const { id, type, display_name } of client.models.list()) {
        expect(type).toBe('model');
        expect(display_name).not.toBe('');
        names.push(id);
      }
      expect(names).toContain(model);
      expect((await client.models.retrieve(model)).id).toBe(model);
    });

    test('is told of a model that is not there, and of a field that is wrong', async () => {
      const missing = await client.messages
        .create({ ...asked, model: 'claude-none' })
        .catch((error) => error);
      expect(missing).toBeInstanceOf(Anthropic.NotFoundError);
      expect(missing.error.error.type).toBe('not_found_error');
      const wrong = await client.messages
        .create({ ...asked, messages: [{ role: 'user', content: [{ type: 'text' } as never] }] })
        .catch((error) => error);
      expect(wrong).toBeInstanceOf(Anthropic.BadRequestError);
      expect(wrong.message).toContain('messages[0].content[0].text');
    });
  });
}

describe('the Anthropic SDK and an answer that does not end', () => {
  test('is told of a stream that broke', async () => {
    const given = await served({ kind: 'ollama', models: ['qwen3:8b'] });
    const client = new Anthropic({ baseURL: given.url, apiKey: 'unused', maxRetries: 0 });
    given.host.setFault({ fault: 'crash-after', after: 5 });
    const error = await client.messages
      .stream({ model: 'qwen3:8b', max_tokens: 99, messages: [{ role: 'user', content: 'Hi' }] })
      .finalMessage()
      .catch((failure) => failure);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    await given.stop();
  });

  test('leaves, and the engine stops', async () => {
    const given = await servedSlowly({ kind: 'ollama', models: ['qwen3:8b'] });
    const client = new Anthropic({ baseURL: given.url, apiKey: 'unused', maxRetries: 0 });
    const stream = client.messages.stream({
      model: 'qwen3:8b',
      max_tokens: 20_000,
      messages: [{ role: 'user', content: longAnswer }],
    });
    const ended = stream.done().catch(() => undefined);
    await new Promise<void>((resolve) => stream.on('streamEvent', () => resolve()));
    stream.abort();
    await ended;
    await eventually('the engine runs nothing', () => given.app.gateway.active.running() === 0);
    await given.stop();
  });
});
