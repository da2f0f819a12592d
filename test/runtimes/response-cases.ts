/** The Responses API through OpenAI's own SDK, with both dialects behind it. */

import { expect } from 'bun:test';
import OpenAI from 'openai';
import type { Case } from './case-group.ts';
import { startRawClient } from './raw-client.ts';
import type { SimulatedEngine } from './simulated-engines.ts';
import type { Pointsman } from './start-pointsman.ts';

export interface ResponseBench {
  readonly pointsman: Pointsman;
  readonly engines: readonly SimulatedEngine[];
  /** One of each dialect behind. */
  readonly models: readonly string[];
}

const clientOf = ({ pointsman }: ResponseBench): OpenAI =>
  new OpenAI({ baseURL: `${pointsman.origin}/v1`, apiKey: 'unused', maxRetries: 0 });

const tool = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};

const callIn = ({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseFunctionToolCall => {
  const call = output.find((item) => item.type === 'function_call');
  if (call === undefined) throw new Error('no tool was called');
  return call;
};

const found = (callId: string) => ({
  type: 'function_call_output' as const,
  call_id: callId,
  output: '11 degrees',
});

const input = 'Say something about rivers';

export const responseCases: readonly Case<ResponseBench>[] = [
  {
    name: 'the official SDK gets a response, whole and as a stream, and both say the same',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = clientOf(bench);
        const whole = await client.responses.create({ model, input });
        expect(whole.status).toBe('completed');
        expect(whole.output_text.length).toBeGreaterThan(10);
        const streamed = await client.responses.stream({ model, input }).finalResponse();
        expect(streamed.output_text).toBe(whole.output_text);
        expect(streamed.usage?.output_tokens).toBe(whole.usage?.output_tokens ?? -1);
      }
    },
  },
  {
    name: 'the official SDK calls a tool of a response and goes on, sending all or naming the earlier one',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = clientOf(bench);
        const asked = { role: 'user' as const, content: 'use get_weather for Paris' };
        const first = await client.responses.stream({ model, input: [asked], tools: [tool] }).finalResponse();
        const { call_id: callId, arguments: given } = callIn(first);
        expect(() => JSON.parse(given)).not.toThrow();
        const sent = [asked, ...(first.output as OpenAI.Responses.ResponseInputItem[]), found(callId)];
        const all = await client.responses.create({ model, input: sent, tools: [tool], store: false });
        const named = await client.responses.create({
          model,
          input: [found(callId)],
          previous_response_id: first.id,
          tools: [tool],
        });
        expect(all.output_text.length).toBeGreaterThan(3);
        expect(named.output_text).toBe(all.output_text);
        expect(named.usage?.input_tokens).toBe(all.usage?.input_tokens ?? -1);
      }
    },
  },
  {
    name: 'the official SDK reads, lists and deletes a stored response',
    prove: async (bench) => {
      const [model = ''] = bench.models;
      const client = clientOf(bench);
      const made = await client.responses.create({ model, input });
      expect((await client.responses.retrieve(made.id)).output_text).toBe(made.output_text);
      const items: unknown[] = [];
      for await (const item of client.responses.inputItems.list(made.id)) items.push(item);
      expect(items).toMatchObject([{ type: 'message', content: input }]);
      await client.responses.delete(made.id);
      expect(await client.responses.retrieve(made.id).catch((error: unknown) => error)).toBeInstanceOf(
        OpenAI.NotFoundError,
      );
    },
  },
  {
    name: 'the official SDK leaves a response in the middle and the next one is answered',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = clientOf(bench);
        const stream = await client.responses.create({ model, input, stream: true });
        for await (const event of stream) if (event.type === 'response.output_text.delta') break;
        expect((await client.responses.create({ model, input })).status).toBe('completed');
      }
    },
  },
  {
    name: 'a WebSocket to the responses is refused with an error of the dialect',
    prove: async ({ pointsman }) => {
      const upgrade =
        'GET /v1/responses HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
      const client = startRawClient(pointsman.port, upgrade);
      await client.saw('"type":"invalid_request_error"');
      expect(client.received()).toStartWith('HTTP/1.1 405');
      expect(client.received().toLowerCase()).toContain('allow: post');
      client.leave('finish');
    },
  },
];
