import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type Part } from '@google/genai';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

const clientOf = (given: Served): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'AIza-unused', httpOptions: { baseUrl: given.url } });

const declared = {
  name: weather.name,
  description: weather.description,
  parametersJsonSchema: weather.parameters,
};

for (const { name, options, model, embedder } of engines) {
  describe(`the @google/genai SDK in front of ${name}`, () => {
    let given: Served;
    let client: GoogleGenAI;
    beforeAll(async () => {
      given = await served(options);
      client = clientOf(given);
    });
    afterAll(() => given.stop());

    const contents = 'Say something about rivers';

    test('answers', async () => {
      const answer = await client.models.generateContent({ model, contents });
      expect(answer.text?.length).toBeGreaterThan(10);
      expect(answer.candidates?.[0]?.finishReason).toBe('STOP' as never);
      expect(answer.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
      expect(answer.modelVersion).toBe(model);
    });

    test('streams the same text in pieces', async () => {
      const stream = await client.models.generateContentStream({ model, contents });
      let text = '';
      let pieces = 0;
      let reason: string | undefined;
      let tokens = 0;
      for await (const chunk of stream) {
        if (chunk.text) pieces += 1;
        text += chunk.text ?? '';
        reason = chunk.candidates?.[0]?.finishReason ?? reason;
        tokens = chunk.usageMetadata?.candidatesTokenCount ?? tokens;
      }
      expect(pieces).toBeGreaterThan(3);
      expect(reason).toBe('STOP');
      expect(tokens).toBeGreaterThan(0);
      const whole = await client.models.generateContent({ model, contents });
      expect(text).toBe(whole.text ?? '');
    });

    test('hears thoughts where it asks for them', async () => {
      const config = { thinkingConfig: { includeThoughts: true } };
      const answer = await client.models.generateContent({ model, contents, config });
      const parts = answer.candidates?.[0]?.content?.parts ?? [];
      expect(parts.some((part) => part.thought === true && part.text !== '')).toBe(true);
      const plain = await client.models.generateContent({ model, contents });
      expect(plain.candidates?.[0]?.content?.parts?.some((part) => part.thought === true)).toBe(false);
    });

    test('stops at the token limit and says so', async () => {
      const config = { maxOutputTokens: 3 };
      const answer = await client.models.generateContent({ model, contents, config });
      expect(answer.candidates?.[0]?.finishReason).toBe('MAX_TOKENS' as never);
    });

    test('gets JSON by its schema', async () => {
      const config = {
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      };
      const answer = await client.models.generateContent({ model, contents, config });
      expect(JSON.parse(answer.text ?? '')).toHaveProperty('city');
    });

    test('calls tools side by side, whole and streamed, and answers with their results', async () => {
      const config = { tools: [{ functionDeclarations: [declared] }] };
      const asked = { role: 'user', parts: [{ text: 'use get_weather in parallel' }] };
      const answer = await client.models.generateContent({ model, contents: [asked], config });
      expect(answer.functionCalls?.map((call) => call.name)).toEqual(['get_weather', 'get_weather']);
      expect(answer.functionCalls?.[0]?.args).toHaveProperty('city');

      const parts: Part[] = [];
      for await (const chunk of await client.models.generateContentStream({
        model,
        contents: [asked],
        config,
      }))
        parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
      const calls = parts.filter((part) => part.functionCall !== undefined);
      expect(calls).toHaveLength(2);

      const results: Part[] = calls.map(({ functionCall }) => ({
        functionResponse: {
          name: functionCall?.name ?? '',
          response: { result: 'sunny' },
          ...(functionCall?.id === undefined ? {} : { id: functionCall.id }),
        },
      }));
      const final = await client.models.generateContent({
        model,
        contents: [asked, { role: 'model', parts }, { role: 'user', parts: results }],
        config,
      });
      expect(final.text?.length).toBeGreaterThan(3);
      expect(final.functionCalls).toBeUndefined();
    });

    test('is made to call the one tool that is allowed', async () => {
      const functionCallingConfig = {
        mode: FunctionCallingConfigMode.ANY,
        allowedFunctionNames: ['get_weather'],
      };
      const config = { tools: [{ functionDeclarations: [declared] }], toolConfig: { functionCallingConfig } };
      // Not every engine can be told to call one; those that cannot say so.
      const answer = await client.models.generateContent({ model, contents: 'use get_weather', config });
      expect(answer.functionCalls?.[0]?.name).toBe('get_weather');
    });

    test('holds a conversation of streams', async () => {
      const chat = client.chats.create({ model });
      for (const message of ['Hello in 6 words', 'And again in 7 words', 'Once more']) {
        let text = '';
        for await (const chunk of await chat.sendMessageStream({ message })) text += chunk.text ?? '';
        expect(text.length).toBeGreaterThan(3);
      }
      expect(chat.getHistory(true).filter(({ role }) => role === 'user')).toHaveLength(3);
    });

    if (embedder !== undefined) {
      test('gets vectors, one and several', async () => {
        const one = await client.models.embedContent({ model: embedder, contents: 'one' });
        const two = await client.models.embedContent({ model: embedder, contents: ['one', 'two'] });
        expect(two.embeddings).toHaveLength(2);
        expect(two.embeddings?.[0]?.values?.length).toBeGreaterThan(10);
        expect(two.embeddings?.[0]?.values).toEqual(one.embeddings?.[0]?.values ?? []);
      });
    }

    test('counts tokens', async () => {
      const { totalTokens } = await client.models.countTokens({ model, contents });
      expect(totalTokens).toBeGreaterThan(2);
    });

    test('lists and gets models, slashes and all', async () => {
      const names: string[] = [];
      for await (const { name: listed } of await client.models.list()) names.push(listed ?? '');
      expect(names.some((listed) => listed.startsWith(`models/${model}`))).toBe(true);
      expect((await client.models.get({ model })).name).toBe(`models/${model}`);
    });

    test('is told of an unknown model and of a wrong field as it expects', async () => {
      const unknown = await client.models
        .generateContent({ model: 'no-such-model', contents })
        .catch((error: unknown) => error);
      expect(unknown).toBeInstanceOf(ApiError);
      expect((unknown as ApiError).status).toBe(404);
      expect(JSON.parse((unknown as ApiError).message).error.status).toBe('NOT_FOUND');
      const wrong = await client.models
        .generateContentStream({ model, contents: [{ role: 'robot', parts: [] }] })
        .catch((error: unknown) => error);
      expect((wrong as ApiError).status).toBe(400);
      expect((wrong as ApiError).message).toContain('contents[0].role');
    });

    test('throws where a stream breaks off', async () => {
      given.host.setFault({ fault: 'cut-after', after: 3, count: 1 });
      const reading = async (): Promise<string> => {
        let text = '';
        const stream = await client.models.generateContentStream({ model, contents });
        for await (const chunk of stream) text += chunk.text ?? '';
        return text;
      };
      expect(await reading().catch((error: unknown) => error)).toBeInstanceOf(Error);
      expect((await reading()).length).toBeGreaterThan(10);
    });

    test('frees the engine when it leaves a stream', async () => {
      const slow = await servedSlowly(options);
      const leaving = new AbortController();
      const stream = await clientOf(slow).models.generateContentStream({
        model,
        contents: longAnswer,
        config: { abortSignal: leaving.signal, thinkingConfig: { includeThoughts: true } },
      });
      const reading = (async () => {
        for await (const _ of stream) {
          expect(slow.host.stats().active).toBe(1);
          leaving.abort();
        }
      })();
      await reading.catch(() => undefined);
      await eventually('no request runs on the engine', () => slow.host.stats().active === 0);
      await eventually('the slot is free', () => slow.app.gateway.fleet.host('engine')?.inflight === 0);
      expect(slow.host.stats().cancelled).toBe(1);
      await slow.stop();
    });
  });
}
