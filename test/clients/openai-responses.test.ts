import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

const tool = {
  type: 'function' as const,
  name: weather.name,
  description: weather.description,
  parameters: { ...weather.parameters, required: [...weather.parameters.required] },
  strict: false,
};

for (const { name, options, model } of engines) {
  describe(`responses of the openai SDK in front of ${name}`, () => {
    let given: Served;
    let client: OpenAI;
    beforeAll(async () => {
      given = await served(options);
      client = new OpenAI({ baseURL: `${given.url}/v1`, apiKey: 'unused', maxRetries: 0 });
    });
    afterAll(() => given.stop());

    const input = 'Say something about rivers';

    test('are answered whole, with what was asked told again', async () => {
      const answer = await client.responses.create({
        model,
        input,
        instructions: 'Be brief.',
        metadata: { a: 'b' },
      });
      expect(answer.status).toBe('completed');
      expect(answer.output_text.length).toBeGreaterThan(10);
      expect(answer.usage?.input_tokens).toBeGreaterThan(0);
      expect(answer.instructions).toBe('Be brief.');
      expect(answer.metadata).toEqual({ a: 'b' });
      expect(answer.id).toMatch(/^resp_/);
    });

    test('stream the same text in pieces, through its own accumulator', async () => {
      const stream = client.responses.stream({ model, input });
      let text = '';
      let pieces = 0;
      let expected = 0;
      for await (const event of stream) {
        expect(event.sequence_number).toBe(expected);
        expected += 1;
        if (event.type !== 'response.output_text.delta') continue;
        pieces += 1;
        text += event.delta;
      }
      expect(pieces).toBeGreaterThan(3);
      const final = await stream.finalResponse();
      expect(final.output_text).toBe(text);
      expect(final.usage?.output_tokens).toBeGreaterThan(0);
      const whole = await client.responses.create({ model, input });
      expect(whole.output_text).toBe(text);
    });

    test('that stop at the token limit are incomplete', async () => {
      const answer = await client.responses.create({
        model,
        input,
        max_output_tokens: 3,
        reasoning: { effort: 'none' },
      });
      expect(answer.status).toBe('incomplete');
      expect(answer.incomplete_details?.reason).toBe('max_output_tokens');
    });

    test('call tools, and go on with what those found', async () => {
      const asked = { role: 'user' as const, content: 'use get_weather for Paris' };
      const stream = client.responses.stream({ model, input: [asked], tools: [tool], store: false });
      const first = await stream.finalResponse();
      const call = first.output.find((item) => item.type === 'function_call');
      if (call?.type !== 'function_call') throw new Error('no call');
      expect(call.name).toBe('get_weather');
      expect(() => JSON.parse(call.arguments)).not.toThrow();
      const second = await client.responses.create({
        model,
        input: [
          asked,
          ...(first.output as OpenAI.Responses.ResponseInputItem[]),
          { type: 'function_call_output', call_id: call.call_id, output: '11 degrees' },
        ],
        tools: [tool],
        store: false,
      });
      expect(second.output_text.length).toBeGreaterThan(3);
    });

    test('continue an earlier one by its id, with its calls', async () => {
      const first = await client.responses.create({
        model,
        input: 'use get_weather for Paris',
        tools: [tool],
      });
      const call = first.output.find((item) => item.type === 'function_call');
      if (call?.type !== 'function_call') throw new Error('no call');
      const second = await client.responses.create({
        model,
        previous_response_id: first.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: '11 degrees' }],
        tools: [tool],
      });
      expect(second.output_text.length).toBeGreaterThan(3);
      expect(second.previous_response_id).toBe(first.id);
      expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
      const read = await client.responses.retrieve(second.id);
      expect(read.output).toEqual(second.output);
      const items: unknown[] = [];
      for await (const item of client.responses.inputItems.list(second.id)) items.push(item);
      expect(items).toMatchObject([{ type: 'function_call_output', output: '11 degrees' }]);
      await client.responses.delete(second.id);
      const gone = await client.responses.retrieve(second.id).catch((error: unknown) => error);
      expect(gone).toBeInstanceOf(OpenAI.NotFoundError);
    });

    test('that refer to an unknown one are refused as it expects', async () => {
      const refusal = await client.responses
        .create({ model, input, previous_response_id: 'resp_unknown' })
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
      expect((refusal as InstanceType<typeof OpenAI.BadRequestError>).param).toBe('previous_response_id');
    });

    test('free the engine when a stream is left', async () => {
      const slow = await servedSlowly(options);
      const patient = new OpenAI({ baseURL: `${slow.url}/v1`, apiKey: 'unused', maxRetries: 0 });
      const stream = await patient.responses.create({ model, input: longAnswer, stream: true });
      for await (const event of stream) {
        if (event.type !== 'response.output_text.delta') continue;
        expect(slow.host.stats().active).toBe(1);
        break;
      }
      await eventually('no request runs on the engine', () => slow.host.stats().active === 0);
      await slow.stop();
    });
  });
}
