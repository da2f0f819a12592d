import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

for (const { name, options, model, embedder } of engines) {
  describe(`the openai SDK in front of ${name}`, () => {
    let given: Served;
    let client: OpenAI;
    beforeAll(async () => {
      given = await served(options);
      client = new OpenAI({ baseURL: `${given.url}/v1`, apiKey: 'unused', maxRetries: 0 });
    });
    afterAll(() => given.stop());

    const messages = [{ role: 'user' as const, content: 'Say something about rivers' }];

    test('answers a chat', async () => {
      const answer = await client.chat.completions.create({ model, messages });
      expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(10);
      expect(answer.choices[0]?.finish_reason).toBe('stop');
      expect(answer.usage?.prompt_tokens).toBeGreaterThan(0);
    });

    test('streams the same text in pieces, with usage when asked', async () => {
      const stream = await client.chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let pieces = 0;
      let finish: string | null | undefined;
      let tokens = 0;
      for await (const chunk of stream) {
        const piece = chunk.choices[0]?.delta.content;
        if (piece) pieces += 1;
        text += piece ?? '';
        finish = chunk.choices[0]?.finish_reason ?? finish;
        tokens = chunk.usage?.completion_tokens ?? tokens;
      }
      expect(pieces).toBeGreaterThan(3);
      expect(finish).toBe('stop');
      expect(tokens).toBeGreaterThan(0);
      const whole = await client.chat.completions.create({ model, messages });
      expect(text).toBe(whole.choices[0]?.message.content ?? '');
    });

    test('stops at the token limit and says so', async () => {
      const answer = await client.chat.completions.create({
        model,
        messages,
        max_tokens: 3,
        reasoning_effort: 'none',
      });
      expect(answer.choices[0]?.finish_reason).toBe('length');
    });

    test('gets tool calls, streamed through its own accumulator', async () => {
      const runner = client.chat.completions.stream({
        model,
        messages: [{ role: 'user', content: 'use get_weather for Paris' }],
        tools: [
          {
            type: 'function',
            function: {
              ...weather,
              parameters: { ...weather.parameters, required: [...weather.parameters.required] },
            },
          },
        ],
      });
      const final = await runner.finalChatCompletion();
      const call = final.choices[0]?.message.tool_calls?.[0];
      expect(final.choices[0]?.finish_reason).toBe('tool_calls');
      expect(call?.type === 'function' && call.function.name).toBe('get_weather');
      expect(() => JSON.parse(call?.type === 'function' ? call.function.arguments : '')).not.toThrow();
    });

    test('completes a prompt', async () => {
      const answer = await client.completions.create({ model, prompt: 'Once upon a time' });
      expect(answer.choices[0]?.text.length).toBeGreaterThan(3);
    });

    if (embedder !== undefined) {
      test('gets the same vectors as base64, its default, and as numbers', async () => {
        const packed = await client.embeddings.create({ model: embedder, input: ['one', 'two'] });
        const plain = await client.embeddings.create({
          model: embedder,
          input: ['one', 'two'],
          encoding_format: 'float',
        });
        expect(packed.data.length).toBe(2);
        expect(packed.data[1]?.index).toBe(1);
        const left = packed.data[0]?.embedding ?? [];
        const right = plain.data[0]?.embedding ?? [];
        expect(left.length).toBe(right.length);
        expect(left.length).toBeGreaterThan(10);
        for (const [index, value] of left.entries()) expect(value).toBeCloseTo(right[index] ?? Number.NaN, 5);
      });
    }

    test('lists and retrieves models, slashes and all', async () => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      expect(ids.some((id) => id.startsWith(model))).toBe(true);
      expect((await client.models.retrieve(model)).id).toBe(model);
    });

    test('is told of an unknown model as it expects', async () => {
      const failed = await client.chat.completions
        .create({ model: 'no-such-model', messages })
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(OpenAI.NotFoundError);
      expect((failed as InstanceType<typeof OpenAI.NotFoundError>).code).toBe('model_not_found');
    });

    test('frees the engine when it leaves a stream', async () => {
      const slow = await servedSlowly(options);
      const patient = new OpenAI({ baseURL: `${slow.url}/v1`, apiKey: 'unused', maxRetries: 0 });
      const stream = await patient.chat.completions.create({
        model,
        messages: [{ role: 'user', content: longAnswer }],
        stream: true,
      });
      for await (const _ of stream) {
        expect(slow.host.stats().active).toBe(1);
        break;
      }
      await eventually('no request runs on the engine', () => slow.host.stats().active === 0);
      await eventually('the slot is free', () => slow.app.gateway.fleet.host('engine')?.inflight === 0);
      expect(slow.host.stats().cancelled).toBe(1);
      await slow.stop();
    });
  });
}
