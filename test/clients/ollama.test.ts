import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Ollama } from 'ollama';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

for (const { name, options, model, embedder } of engines) {
  describe(`the ollama SDK in front of ${name}`, () => {
    let given: Served;
    let client: Ollama;
    beforeAll(async () => {
      given = await served(options);
      client = new Ollama({ host: given.url });
    });
    afterAll(() => given.stop());

    const messages = [{ role: 'user', content: 'Say something about rivers' }];
    const tools = [
      {
        type: 'function',
        function: {
          ...weather,
          parameters: { ...weather.parameters, required: [...weather.parameters.required] },
        },
      },
    ];

    test('answers a chat', async () => {
      const answer = await client.chat({ model, messages });
      expect(answer.message.content.length).toBeGreaterThan(10);
      expect(answer.done).toBe(true);
      expect(answer.model).toBe(model);
      expect(answer.eval_count).toBeGreaterThan(0);
    });

    test('streams the same text in pieces', async () => {
      let text = '';
      let pieces = 0;
      for await (const part of await client.chat({ model, messages, stream: true })) {
        text += part.message.content;
        pieces += 1;
        if (part.done) expect(part.done_reason).toBe('stop');
      }
      expect(pieces).toBeGreaterThan(3);
      expect(text).toBe((await client.chat({ model, messages })).message.content);
    });

    test('gets tool calls with arguments as an object', async () => {
      const answer = await client.chat({
        model,
        messages: [{ role: 'user', content: 'use get_weather for Paris' }],
        tools,
      });
      expect(answer.message.tool_calls?.[0]?.function.name).toBe('get_weather');
      expect(typeof answer.message.tool_calls?.[0]?.function.arguments).toBe('object');
    });

    test('generates, and loads with an empty prompt', async () => {
      const answer = await client.generate({ model, prompt: 'Once upon a time' });
      expect(answer.response?.length).toBeGreaterThan(3);
      const loaded = await client.generate({ model, prompt: '' });
      expect(loaded.done_reason).toBe('load');
    });

    if (embedder !== undefined) {
      test('embeds one text and several', async () => {
        const several = await client.embed({ model: embedder, input: ['one', 'two'] });
        expect(several.embeddings.length).toBe(2);
        const legacy = await client.embeddings({ model: embedder, prompt: 'one' });
        expect(legacy.embedding.length).toBe(several.embeddings[0]?.length ?? -1);
      });
    }

    test('lists, shows and tells what is loaded', async () => {
      const { models } = await client.list();
      expect(models.some((each) => each.name.startsWith(model))).toBe(true);
      expect((await client.show({ model })).details).toBeDefined();
      await given.app.gateway.discovery.settled();
      expect(Array.isArray((await client.ps()).models)).toBe(true);
    });

    test('is told of an unknown model as it expects', async () => {
      const failed = await client.chat({ model: 'no-such-model', messages }).catch((error: unknown) => error);
      expect(failed).toMatchObject({ status_code: 404 });
      expect(String(failed)).toContain('not found');
    });

    test('frees the engine when it aborts', async () => {
      const slow = await servedSlowly(options);
      const stream = await new Ollama({ host: slow.url }).chat({
        model,
        messages: [{ role: 'user', content: longAnswer }],
        stream: true,
      });
      await expect(
        (async () => {
          for await (const _ of stream) stream.abort();
        })(),
      ).rejects.toThrow();
      await eventually('no request runs on the engine', () => slow.host.stats().active === 0);
      await eventually('the slot is free', () => slow.app.gateway.fleet.host('engine')?.inflight === 0);
      expect(slow.host.stats().cancelled).toBe(1);
      await slow.stop();
    });
  });
}
